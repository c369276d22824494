# Writes data/*.csv: the columns used of data sets in R's package survival (LGPL), rows without missing values of these.
# Rscript tests/oracle/survival_data.R tests/oracle/data   (R survival 3.5-3)
suppressMessages(library(survival))
folder <- commandArgs(TRUE)[1]
write <- function(data, name) {
  cat("# survival::", name, "; times in the data set's own unit\n", file = file.path(folder, paste0(name, ".csv")), sep = "")
  suppressWarnings(write.table(data, file.path(folder, paste0(name, ".csv")), append = TRUE, sep = ",",
                               row.names = FALSE, quote = FALSE))
}
l <- with(lung, data.frame(time, event = as.integer(status == 2), group = sex, stratum = ph.ecog, x1 = age, x2 = sex))
write(na.omit(l), "lung")
v <- with(veteran, data.frame(time, event = status, group = as.integer(factor(celltype)), stratum = trt, x1 = karno, x2 = age))
write(v, "veteran")
p <- with(pbc, data.frame(time, event = as.integer(status == 2), cause = status, group = stage, stratum = sex == "f",
                          x1 = age, x2 = bili))
p$stratum <- as.integer(p$stratum); write(na.omit(p), "pbc")
k <- with(colon[colon$etype == 2, ], data.frame(time, event = status, group = as.integer(factor(rx)), stratum = sex, x1 = age, x2 = nodes))
write(na.omit(k), "colon")
m <- with(myeloid, data.frame(time = futime, event = death, group = as.integer(factor(trt)), stratum = as.integer(factor(sex)),
                              response = crtime, transplant = txtime))
m$x1 <- as.integer(m$group == 2); m$x2 <- m$stratum; m$response[is.na(m$response)] <- -1; m$transplant[is.na(m$transplant)] <- -1
write(m, "myeloid")
g <- with(mgus2, data.frame(time = ifelse(pstat == 0, futime, ptime), event = as.integer(pstat == 1 | death == 1),
                            cause = ifelse(pstat == 0, 2 * death, 1), group = 1 + (age > 60) + (age > 70) + (age > 80),
                            stratum = as.integer(factor(sex)), x1 = age, x2 = mspike))
write(na.omit(g), "mgus2")
