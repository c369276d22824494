# Writes survival.csv, one answer a line: data set, function, setting, name, value.
# cd tests/oracle && Rscript survival.R > survival.csv   (R survival 3.5-3, cmprsk 2.2-11; data written by survival_data.R)
suppressMessages({library(survival); library(cmprsk)})
say <- function(data, what, setting, name, value)
  cat(sprintf("%s,%s,%s,%s,%.17g\n", data, what, setting, name, value), sep = "")
forms <- c("plain", "log", "log-log", "logit", "arcsin")
cat("#", R.version.string, "; survival", as.character(packageVersion("survival")), "; cmprsk",
    as.character(packageVersion("cmprsk")), "\n")
cat("data,what,setting,name,value\n")

curves <- function(d, name) {
  at <- sort(unique(round(quantile(d$time, c(.02, .1, .25, .5, .75, .9)))))
  for (form in forms) {
    fit <- survfit(Surv(time, event) ~ 1, d, conf.type = form)
    s <- summary(fit, times = at)
    for (i in seq_along(at)) {
      key <- paste(form, at[i], sep = "@")
      say(name, "survival", key, c("survival", "error", "low", "high", "risk"),
          c(s$surv[i], s$std.err[i], s$lower[i], s$upper[i], s$n.risk[i]))
    }
    for (share in c(.1, .25, .5)) {
      q <- quantile(fit, share)
      say(name, "quantile", paste(form, share, sep = "@"), c("value", "low", "high"), c(q$quantile, q$lower, q$upper))
    }
  }
  for (type in 1:2) {
    s <- summary(survfit(Surv(time, event) ~ 1, d, ctype = type, stype = 2), times = at)
    for (i in seq_along(at)) say(name, "hazard", paste(type, at[i], sep = "@"), c("hazard", "error", "survival", "survival_error"),
        c(s$cumhaz[i], s$std.chaz[i], s$surv[i], s$std.err[i]))
  }
  means <- summary(survfit(Surv(time, event) ~ group, d), rmean = at[4])$table
  for (i in seq_len(nrow(means))) say(name, "mean", paste(i, at[4], sep = "@"), c("value", "error"), means[i, 5:6])
}

ranks <- function(d, name) {
  for (rho in c(0, 1, .5)) for (stratified in c(FALSE, TRUE)) {
    fit <- if (stratified) survdiff(Surv(time, event) ~ group + strata(stratum), d, rho = rho) else
      survdiff(Surv(time, event) ~ group, d, rho = rho)
    key <- paste(rho, stratified, sep = "@")
    say(name, "rank", key, c("statistic", "p"), c(fit$chisq, fit$pvalue))
    total <- function(x) if (is.matrix(x)) rowSums(x) else x
    excess <- total(fit$obs) - total(fit$exp); scores <- seq_along(excess) - 1
    say(name, "rank", key, "trend", sum(scores * excess)^2 / drop(scores %*% fit$var %*% scores))
  }
  reference <- exp(-d$time / 1000)
  fit <- survdiff(Surv(d$time, d$event) ~ offset(reference))
  say(name, "one sample", "rate 1/1000", c("statistic", "p"), c(fit$chisq, fit$pvalue))
}

models <- function(d, name) {
  for (ties in c("efron", "breslow")) for (stratified in c(FALSE, TRUE)) {
    f <- if (stratified) Surv(time, event) ~ x1 + x2 + strata(stratum) else Surv(time, event) ~ x1 + x2
    if (stratified && isTRUE(all.equal(d$x2, d$stratum))) next
    fit <- coxph(f, d, ties = ties, control = coxph.control(eps = 1e-13, toler.chol = 1e-14))
    say(name, "cox", paste(ties, stratified, sep = "@"), c("b1", "b2", "e1", "e2", "null", "fitted"),
        c(coef(fit), sqrt(diag(vcov(fit))), fit$loglik))
  }
}

competing <- function(d, name) {
  at <- sort(unique(round(quantile(d$time, c(.02, .1, .25, .5, .75, .9)))))
  state <- factor(d$cause, 0:2)
  for (form in forms[1:3]) {
    s <- summary(survfit(Surv(d$time, state) ~ 1, conf.type = form), times = at)
    for (i in seq_along(at)) for (cause in 1:2)
      say(name, "incidence", paste(form, at[i], cause, sep = "@"), c("incidence", "error", "low", "high"),
          c(s$pstate[i, cause + 1], s$std.err[i, cause + 1], s$lower[i, cause + 1], s$upper[i, cause + 1]))
  }
  for (rho in 0:1) for (stratified in c(FALSE, TRUE)) {
    tests <- if (stratified) cuminc(d$time, d$cause, d$group, d$stratum, rho = rho)$Tests else
      cuminc(d$time, d$cause, d$group, rho = rho)$Tests
    for (cause in 1:2) say(name, "gray", paste(rho, stratified, cause, sep = "@"), "statistic", tests[cause, 1])
  }
  for (cause in 1:2) {
    d$state <- state
    d$row <- seq_len(nrow(d))
    long <- finegray(Surv(time, state) ~ ., d, etype = as.character(cause))
    fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ x1 + x2 + cluster(row), long, weights = fgwt,
                 control = coxph.control(eps = 1e-13, toler.chol = 1e-14))
    say(name, "fine-gray", cause, c("b1", "b2", "e1", "e2"), c(coef(fit), sqrt(diag(fit$var))))
  }
}

changes <- function(d, name) {
  d$response[d$response < 0] <- NA
  changing <- !is.na(d$response) & d$response < d$time
  rows <- rbind(data.frame(id = seq_len(nrow(d)), start = 0, stop = ifelse(changing, d$response, d$time),
                           event = ifelse(changing, 0, d$event), changed = 0, x1 = d$x1),
                data.frame(id = seq_len(nrow(d)), start = d$response, stop = d$time, event = d$event, changed = 1,
                           x1 = d$x1)[changing, ])
  at <- c(100, 365, 730, 1500)
  for (part in 0:1) {
    s <- summary(survfit(Surv(start, stop, event) ~ 1, rows, subset = changed == part), times = at)
    # summary() gives the number at risk at the next time of the curve, when more may have entered: count.
    for (i in seq_along(at)) say(name, "simon-makuch", paste(part, at[i], sep = "@"), c("survival", "error", "risk"),
        c(s$surv[i], s$std.err[i], with(rows, sum(changed == part & start < at[i] & stop >= at[i]))))
  }
  tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14)
  fit <- coxph(Surv(start, stop, event) ~ changed + x1, rows, control = tight)
  say(name, "time-dependent", "efron", c("b1", "b2", "e1", "e2"), c(coef(fit), sqrt(diag(vcov(fit)))))
  # With the exact variance of the log-rank test, which the score test of Breslow's likelihood lacks under ties.
  excess <- 0; variance <- 0
  for (t in unique(rows$stop[rows$event == 1])) {
    risk <- rows$start < t & rows$stop >= t; n <- sum(risk); m <- sum(risk & rows$changed == 1)
    e <- risk & rows$stop == t & rows$event == 1
    excess <- excess + sum(rows$changed[e]) - sum(e) * m / n
    if (n > 1) variance <- variance + sum(e) * (n - sum(e)) / (n - 1) * m / n * (1 - m / n)
  }
  say(name, "mantel-byar", "all", "statistic", excess^2 / variance)
  late <- d[d$time > 60, ]
  fit <- survdiff(Surv(time - 60, event) ~ I(!is.na(response) & response <= 60), late)
  say(name, "landmark", "60", c("statistic", "kept"), c(fit$chisq, nrow(late)))
}

exact <- function() {
  small <- veteran[c(1:7, 70:76), ]
  scores <- function(g) { f <- survdiff(Surv(small$time, small$status) ~ g); abs(f$obs[1] - f$exp[1]) }
  observed <- scores(small$trt)
  every <- apply(combn(14, 7), 2, function(who) scores(ifelse(seq_len(14) %in% who, 1, 2)))
  say("veteran 1:7 70:76", "exact", "two-sided", "p", mean(every >= observed - 1e-9))
}

for (name in c("lung", "veteran", "pbc", "colon", "myeloid", "mgus2")) {
  d <- read.csv(file.path("data", paste0(name, ".csv")), comment.char = "#")
  curves(d, name); ranks(d, name); models(d, name)
  if ("cause" %in% names(d)) competing(d, name)
  if ("response" %in% names(d)) changes(d, name)
}
exact()
