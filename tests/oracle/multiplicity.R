# Writes multiplicity.csv: p.adjust.
# Rscript tests/oracle/multiplicity.R > tests/oracle/multiplicity.csv
p <- c(.0092, .7749, .0607, .3909, .1989, .0025, .0025, .05, 1, 0, .031, .0499)
cat("#", R.version.string, "\n")
methods <- c(bonferroni = "bonferroni", holm = "holm", hochberg = "hochberg", "benjamini-hochberg" = "BH", "benjamini-yekutieli" = "BY")
write.csv(format(data.frame(p = p, sapply(methods, function(m) p.adjust(p, m)), check.names = FALSE), digits = 17, trim = TRUE),
  row.names = FALSE, quote = FALSE)
