# Writes samples_tests.csv: rank tests, t tests, Shapiro-Wilk and quantiles of the samples in samples.csv.
# Rscript tests/oracle/samples.R > tests/oracle/samples_tests.csv   (from the top folder)
read <- read.csv("tests/oracle/samples.csv", comment.char = "#"); s <- split(read$value, read$sample)
line <- function(...) cat(paste(..., sep = ","), "\n", sep = "")
num <- function(v) format(unname(v), digits = 17)
cat("#", R.version.string, "\n"); cat("name,one,two,alternative,value\n")
pairs <- list(c("a", "b"), c("c", "d"), c("d", "e"), c("f", "g"), c("c", "e"), c("i", "a"))
for (p in pairs) {
  x <- s[[p[1]]]; y <- s[[p[2]]]; id <- paste(p, collapse = ",")
  line("U", id, "", num(suppressWarnings(wilcox.test(x, y)$statistic)))
  for (side in c("two.sided", "less", "greater")) {
    w <- function(...) num(suppressWarnings(wilcox.test(x, y, alternative = side, ...)$p.value))
    line("rank sum auto", id, side, w())
    line("rank sum normal", id, side, w(exact = FALSE, correct = FALSE))
    line("rank sum normal-cc", id, side, w(exact = FALSE))
    if (choose(length(x) + length(y), length(x)) < 1e6) {
      r <- rank(c(x, y)); sums <- combn(length(r), length(x), function(i) sum(r[i])); got <- sum(r[seq_along(x)])
      away <- length(x) * (length(r) + 1) / 2
      line("rank sum exact", id, side, num(switch(side, less = mean(sums <= got), greater = mean(sums >= got),
        two.sided = mean(abs(sums - away) >= abs(got - away)))))
    }
    for (equal in c(TRUE, FALSE)) {
      t <- t.test(x, y, alternative = side, var.equal = equal); kind <- if (equal) "equal" else "unequal"
      line(paste("t p", kind), id, side, num(t$p.value))
      if (side == "two.sided") {
        line(paste("t", kind), id, "", num(t$statistic)); line(paste("t df", kind), id, "", num(t$parameter))
        line(paste("t low", kind), id, "", num(t$conf.int[1])); line(paste("t high", kind), id, "", num(t$conf.int[2]))
      }
    }
  }
}
for (one in c("h", "j")) for (side in c("two.sided", "less", "greater")) {
  x <- s[[one]]; w <- function(...) num(suppressWarnings(wilcox.test(x, alternative = side, ...)$p.value))
  line("signed rank auto", one, "", side, w())
  line("signed rank normal", one, "", side, w(exact = FALSE, correct = FALSE))
  line("signed rank normal-cc", one, "", side, w(exact = FALSE))
  k <- x[x != 0]; r <- rank(abs(k)); sums <- as.matrix(expand.grid(rep(list(0:1), length(k)))) %*% r
  got <- sum(r[k > 0]); away <- sum(r) / 2
  line("signed rank exact", one, "", side, num(switch(side, less = mean(sums <= got), greater = mean(sums >= got),
    two.sided = mean(abs(sums - away) >= abs(got - away)))))
}
k <- kruskal.test(list(s$c, s$d, s$e)); line("kruskal", "c,d e", "", num(k$statistic)); line("kruskal p", "c,d e", "", num(k$p.value))
for (one in names(s)) {
  w <- shapiro.test(s[[one]]); line("shapiro W", one, "", "", num(w$statistic)); line("shapiro p", one, "", "", num(w$p.value))
  for (kind in c(2, 6, 7)) for (q in c(0, .1, .25, .5, .75, .9, 1))
    line(paste("quantile", kind, q), one, "", "", num(quantile(s[[one]], q, type = kind)))
  line("mean", one, "", "", num(mean(s[[one]]))); line("sd", one, "", "", num(sd(s[[one]])))
}
for (one in c("a", "f")) {
  t <- t.test(log(s[[one]])); v <- exp(c(t$estimate, t$conf.int))
  for (i in 1:3) line(c("geometric", "geometric low", "geometric high")[i], one, "", "", num(v[i]))
}
