# Writes proportions.csv: binom.test, prop.test and closed forms, for some counts and levels.
# Rscript tests/oracle/proportions.R > tests/oracle/proportions.csv
cases <- data.frame(x = c(36, 14, 22, 0, 1, 17, 52, 7, 0, 3, 122), n = c(52, 18, 34, 10, 10, 20, 52, 18, 1, 3, 207),
  level = c(.95, .95, .95, .95, .95, .9, .95, .99, .95, .95, .95))
row <- function(x, n, level) {
  z <- qnorm((1 + level) / 2); tail <- (1 - level) / 2; p <- x / n
  exact <- binom.test(x, n, conf.level = level)$conf.int
  wilson <- suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE)$conf.int)
  # prop.test takes its correction from the distance to the null value; put that far away.
  cc <- suppressWarnings(prop.test(x, n, p = if (p > .5) 1e-9 else 1 - 1e-9, conf.level = level, correct = TRUE)$conf.int)
  jeffreys <- c(if (x == 0) 0 else qbeta(tail, x + .5, n - x + .5), if (x == n) 1 else qbeta(1 - tail, x + .5, n - x + .5))
  m <- n + z^2; q <- (x + z^2 / 2) / m; ac <- q + c(-1, 1) * z * sqrt(q * (1 - q) / m)
  wald <- p + c(-1, 1) * z * sqrt(p * (1 - p) / n); waldcc <- wald + c(-1, 1) / (2 * n)
  cut <- function(v) pmin(1, pmax(0, v))
  hpd <- function(a, b) {
    if (a == 1 && b > 1) return(c(0, qbeta(level, a, b)))
    if (b == 1 && a > 1) return(c(qbeta(1 - level, a, b), 1))
    width <- function(t) qbeta(t + level, a, b) - qbeta(t, a, b)
    t <- optimize(width, c(0, 1 - level), tol = 1e-12)$minimum
    c(qbeta(t, a, b), qbeta(t + level, a, b))
  }
  h <- hpd(x + 1, n - x + 1)
  c(x, n, level, exact, wilson, cc, jeffreys, cut(ac), cut(wald), cut(waldcc), qbeta(.5, x + 1, n - x + 1), h,
    pbeta(.3, x + 1, n - x + 1, lower.tail = FALSE))
}
rows <- t(mapply(row, cases$x, cases$n, cases$level))
forms <- c("clopper-pearson", "wilson", "wilson-cc", "jeffreys", "agresti-coull", "wald", "wald-cc")
colnames(rows) <- c("count", "size", "level", paste(rep(forms, each = 2), c("low", "high")), "median", "hpd low", "hpd high", "above 0.3")
cat("#", R.version.string, "\n")
write.csv(format(as.data.frame(rows), digits = 17, trim = TRUE), row.names = FALSE, quote = FALSE)
