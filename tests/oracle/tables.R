# Writes tables.csv: fisher.test, chisq.test, the likelihood ratio, prop.trend.test and mcnemar.test of some tables.
# Rscript tests/oracle/tables.R > tests/oracle/tables.csv
tables <- c("21 3;3 7;7 4;5 2", "14 7 3;0 3 7;3 4 4;5 0 2", "14 5 2 3;0 2 1 7;3 2 2 4;5 0 0 2", "15 19;7 11", "38 14;122 85",
  "47 5;214 35", "43 9;185 64", "3 1;1 3", "10 2;3 15", "0 7;9 4", "1 9;8 2", "12 5;5 12", "1 2 3 4;4 3 2 1", "8 2 0;1 5 4",
  "3 0 2;0 4 1;2 2 2", "30 10 5;20 25 9", "2 8;4 6;7 3;9 1", "5 5;5 5", "7 3 3;2 8 1;1 1 9;4 4 4", "40 12;5 43",
  "2 1 0 1 3;0 2 1 1 0;1 0 3 0 1;0 1 1 2 0;2 0 0 1 1", "4 0 1 0 0 2;0 3 1 1 4 0;1 1 2 5 0 1", "9 1 0 0;0 8 1 0;0 0 7 2;1 0 0 6")
out <- function(table, name, value) cat(table, name, format(value, digits = 17), sep = ","); line <- function(...) { out(...); cat("\n") }
cat("#", R.version.string, "\n"); cat("table,statistic,value\n")
for (text in tables) {
  m <- do.call(rbind, lapply(strsplit(text, ";")[[1]], function(r) as.numeric(strsplit(r, " ")[[1]])))
  suppressWarnings({
    line(text, "fisher", fisher.test(m, workspace = 2e8)$p.value)
    plain <- chisq.test(m, correct = FALSE); n <- sum(m)
    line(text, "pearson", plain$statistic); line(text, "pearson p", plain$p.value)
    g <- 2 * sum(ifelse(m > 0, m * log(m / plain$expected), 0)); df <- plain$parameter
    line(text, "g", g); line(text, "g p", pchisq(g, df, lower.tail = FALSE))
    line(text, "n-1 p", pchisq(plain$statistic * (n - 1) / n, df, lower.tail = FALSE))
    if (ncol(m) == 2) {
      t <- prop.trend.test(m[, 1], rowSums(m)); line(text, "trend", t$statistic); line(text, "trend p", t$p.value)
      s <- prop.trend.test(m[, 1], rowSums(m), score = (1:nrow(m))^2); line(text, "trend of squares p", s$p.value)
    }
    if (all(dim(m) == 2)) {
      line(text, "less", fisher.test(m, alternative = "less")$p.value)
      line(text, "greater", fisher.test(m, alternative = "greater")$p.value)
      d <- dhyper(0:sum(m[, 1]), sum(m[1, ]), sum(m[2, ]), sum(m[, 1])); o <- dhyper(m[1, 1], sum(m[1, ]), sum(m[2, ]), sum(m[, 1]))
      line(text, "mid-p", sum(d[d < o * (1 - 1e-7)]) + sum(d[abs(d / o - 1) <= 1e-7]) / 2)
      y <- chisq.test(m); line(text, "yates", y$statistic); line(text, "yates p", y$p.value)
      for (correct in c(TRUE, FALSE)) line(text, paste("mcnemar", if (correct) "cc p" else "p"), mcnemar.test(m, correct = correct)$p.value)
      line(text, "mcnemar exact p", binom.test(m[1, 2], m[1, 2] + m[2, 1])$p.value)
    }
  })
}
