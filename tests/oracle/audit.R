# Writes audit.csv: rarer tests of tables, tests of means and rarer limits of proportions, that an audit tries.
# Rscript tests/oracle/audit.R > tests/oracle/audit.csv
out <- function(of, name, value) cat(of, name, paste0(format(value, digits = 15), "\n"), sep = ",")
cat("#", R.version.string, "\n"); cat("of,statistic,value\n")
fit <- function(...) suppressWarnings(glm(...)) # It goes on until nothing changes any more.
cells <- function(text) do.call(rbind, lapply(strsplit(text, ";")[[1]], function(r) as.numeric(strsplit(r, " ")[[1]])))
tables <- c("7 27;3 15", "14 4;22 12", "38 14;122 85", "10 2;3 15", "21 3;3 7;7 4;5 2", "2 8;4 6;7 3;9 1", "15 5 2 12;7 4 3 4", "7 3 3;2 8 1;1 1 9;4 4 4")
for (text in tables) {
  m <- cells(text); row <- rep(row(m), m); column <- rep(col(m), m); n <- sum(m)
  out(text, "linear", pchisq((n - 1) * cor(row, column)^2, 1, lower.tail = FALSE))
  out(text, "kruskal", kruskal.test(column, row)$p.value)
  if (nrow(m) == 2) for (correct in c(FALSE, TRUE))
    out(text, paste("rank sum", correct), wilcox.test(column[row == 1], column[row == 2], exact = FALSE, correct = correct)$p.value)
  if (all(dim(m) == 2)) {
    p <- m[, 1] / rowSums(m); out(text, "unpooled z", 2 * pnorm(-abs(diff(p)) / sqrt(sum(p * (1 - p) / rowSums(m)))))
    out(text, "log odds", summary(fit(m ~ c(0, 1), binomial, control = list(epsilon = 1e-14)))$coefficients[2, 4])
  }
  if (ncol(m) == 2) { # every table with these margins
    k <- as.matrix(expand.grid(lapply(rowSums(m), function(s) 0:s))); k <- k[rowSums(k) == sum(m[, 1]), ]
    chance <- exp(rowSums(sapply(seq_len(nrow(m)), function(i) lchoose(rowSums(m)[i], k[, i]))) - lchoose(n, sum(m[, 1])))
    far <- function(k) colSums((t(k) - rowSums(m) * sum(m[, 1]) / n)^2 / rowSums(m))
    out(text, "exact chi-square", sum(chance[far(k) >= far(t(m[, 1])) - 1e-9]))
  }
}
t_of <- function(m, s, n, pooled) { # by hand: t.test wants the values
  v <- s^2 / n; e <- if (pooled) sqrt(sum((n - 1) * s^2) / (sum(n) - 2) * sum(1 / n)) else sqrt(sum(v))
  df <- if (pooled) sum(n) - 2 else sum(v)^2 / sum(v^2 / (n - 1)); 2 * pt(-abs(diff(m)) / e, df)
}
out("5.1 1.2 20;6.0 1.5 25", "pooled t", t_of(c(5.1, 6), c(1.2, 1.5), c(20, 25), TRUE))
out("5.1 1.2 20;6.0 1.5 25", "welch t", t_of(c(5.1, 6), c(1.2, 1.5), c(20, 25), FALSE))
standard <- function(m, s, n) { z <- as.numeric(scale(qnorm(ppoints(n)))); m + s * z }
values <- c(standard(5.1, 1.2, 20), standard(6, 1.5, 25), standard(5.5, 1.1, 15)); group <- factor(rep(1:3, c(20, 25, 15)))
out("5.1 1.2 20;6.0 1.5 25;5.5 1.1 15", "anova", anova(lm(values ~ group))[1, "Pr(>F)"])
limits <- function(x, n, name, f) { v <- f(x, n); out(paste(x, n), paste(name, c("low", "high"))[1], v[1]); out(paste(x, n), paste(name, "high"), v[2]) }
z <- qnorm(0.975); root <- function(f, a, b) uniroot(f, c(a, b), tol = 1e-13)$root
for (pair in list(c(36, 52), c(14, 18), c(3, 40), c(0, 15), c(12, 12))) {
  x <- pair[1]; n <- pair[2]; e <- 1e-12
  limits(x, n, "mid-P", function(x, n) c(
    if (x == 0) 0 else root(function(p) pbinom(x, n, p, lower.tail = FALSE) + dbinom(x, n, p) / 2 - 0.025, e, x / n),
    if (x == n) 1 else root(function(p) pbinom(x - 1, n, p) + dbinom(x, n, p) / 2 - 0.025, x / n, 1 - e)))
  drop <- function(p) 2 * (dbinom(x, n, x / n, log = TRUE) - dbinom(x, n, p, log = TRUE)) - z^2
  limits(x, n, "likelihood ratio", function(x, n) c(if (x == 0) 0 else root(drop, e, x / n), if (x == n) 1 else root(drop, x / n, 1 - e)))
  limits(x, n, "arcsine", function(x, n) sin(pmin(pi / 2, pmax(0, asin(sqrt(x / n)) + c(-1, 1) * z / 2 / sqrt(n))))^2)
  y <- rep(c(1, 0), c(x, n - x))
  limits(x, n, "Student's t of zeros and ones", function(x, n) pmin(1, pmax(0, mean(y) + c(-1, 1) * qt(0.975, n - 1) * sd(y) / sqrt(n))))
  if (x > 0 && x < n) limits(x, n, "logit", function(x, n) { g <- summary(fit(y ~ 1, binomial, control = list(epsilon = 1e-14)))$coefficients; plogis(g[1] + c(-1, 1) * z * g[2]) })
  accept <- function(p) { # Blaker 2000: the chance of a smaller tail probability of the two than that observed
    tails <- pmin(pbinom(0:n, n, p), pbinom(0:n - 1, n, p, lower.tail = FALSE)); sum(dbinom(0:n, n, p)[tails <= tails[x + 1] * (1 + 1e-9)])
  }
  grid <- seq(0, 1, 1e-5); ok <- grid[sapply(grid, accept) >= 0.05]
  limits(x, n, "Blaker", function(x, n) range(ok))
}
