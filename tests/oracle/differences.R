# Writes differences.csv: limits of risk differences, risk ratios and odds ratios of 2 x 2 tables.
# Rscript tests/oracle/differences.R > tests/oracle/differences.csv
cases <- rbind(c(22, 34, 14, 18), c(38, 52, 122, 207), c(56, 70, 48, 80), c(9, 10, 3, 10), c(0, 10, 0, 20), c(10, 10, 0, 20),
  c(5, 56, 0, 29), c(1, 3, 2, 3), c(47, 52, 214, 249), c(7, 7, 12, 12))
wilson <- function(x, n, correct) {
  p <- x / n
  suppressWarnings(prop.test(x, n, p = if (!correct) .5 else if (p > .5) 1e-9 else 1 - 1e-9, correct = correct)$conf.int)
}
newcombe <- function(a, m, b, n, correct) {
  one <- wilson(a, m, correct); two <- wilson(b, n, correct); p <- a / m; q <- b / n
  c(p - q - sqrt((p - one[1])^2 + (two[2] - q)^2), p - q + sqrt((one[2] - p)^2 + (q - two[1])^2))
}
# Miettinen and Nurminen: the restricted likelihood maximized numerically, the score inverted by uniroot.
score <- function(a, m, b, n, d) {
  ll <- function(q) {
    p <- q + d; t <- function(k, x) if (k == 0) 0 else k * log(x)
    t(a, p) + t(m - a, 1 - p) + t(b, q) + t(n - b, 1 - q)
  }
  q <- optimize(ll, c(max(0, -d), min(1, 1 - d)), maximum = TRUE, tol = 1e-14)$maximum; p <- q + d
  (a / m - b / n - d) / sqrt((p * (1 - p) / m + q * (1 - q) / n) * (m + n) / (m + n - 1))
}
mn <- function(a, m, b, n) {
  z <- qnorm(.975); d <- a / m - b / n; tiny <- 1e-6
  low <- if (d == -1) -1 else uniroot(function(t) score(a, m, b, n, t) - z, c(-1 + tiny, d - tiny), tol = 1e-12)$root
  high <- if (d == 1) 1 else uniroot(function(t) score(a, m, b, n, t) + z, c(d + tiny, 1 - tiny), tol = 1e-12)$root
  c(low, high)
}
row <- function(v) {
  a <- v[1]; m <- v[2]; b <- v[3]; n <- v[4]; z <- qnorm(.975)
  wald <- suppressWarnings(prop.test(c(a, b), c(m, n), correct = FALSE)$conf.int)
  # The correction of prop.test is bounded by the difference itself; closed form instead.
  se <- sqrt(a / m * (1 - a / m) / m + b / n * (1 - b / n) / n)
  waldcc <- pmin(1, pmax(-1, a / m - b / n + c(-1, 1) * (z * se + (1 / m + 1 / n) / 2)))
  p <- (a + 1) / (m + 2); q <- (b + 1) / (n + 2)
  caffo <- p - q + c(-1, 1) * z * sqrt(p * (1 - p) / (m + 2) + q * (1 - q) / (n + 2)); caffo <- pmin(1, pmax(-1, caffo))
  rr <- (a / m) / (b / n)
  katz <- if (a == 0 || b == 0) c(NaN, NaN) else rr * exp(c(-1, 1) * z * sqrt(1 / a - 1 / m + 1 / b - 1 / n))
  f <- fisher.test(matrix(c(a, b, m - a, n - b), 2))
  odds <- if ((a + b) %in% c(0, m + n)) c(NaN, NaN, NaN) else c(f$estimate, f$conf.int)
  c(v, newcombe(a, m, b, n, FALSE), newcombe(a, m, b, n, TRUE), wald, waldcc, caffo, mn(a, m, b, n), rr, katz, odds)
}
rows <- t(apply(cases, 1, row))
forms <- c("newcombe", "newcombe-cc", "wald", "wald-cc", "agresti-caffo", "miettinen-nurminen")
colnames(rows) <- c("a", "m", "b", "n", paste(rep(forms, each = 2), c("low", "high")), "rr", "rr low", "rr high", "or", "or low", "or high")
cat("#", R.version.string, "\n")
write.csv(format(as.data.frame(rows), digits = 17, trim = TRUE), row.names = FALSE, quote = FALSE)
