# Writes rounding.csv: R's round (half to even, of the number as the machine holds it).
# Rscript tests/oracle/rounding.R > tests/oracle/rounding.csv
cat("#", R.version.string, "\n")
v <- expand.grid(value = c(seq(0.5, 9.5, 1), seq(0.05, 1.95, .1), seq(.005, .295, .01), 69.25, 69.35, 2.675, 1.005, -2.5, -.15, 54.85), digits = 0:2)
v$rounded <- round(v$value, v$digits)
write.csv(format(v, digits = 17, trim = TRUE), row.names = FALSE, quote = FALSE)
