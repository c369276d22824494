# Writes kaplan_meier.csv: R's survfit on survival::lung, with plain and log-log limits, at some times.
# Rscript tests/oracle/kaplan_meier.R > tests/oracle/kaplan_meier.csv   (R survival 3.5-3)
suppressMessages(library(survival))
at <- c(5, 50, 100, 250.5, 365, 500, 883, 1022)
fit <- function(form) summary(survfit(Surv(time, status == 2) ~ 1, lung, conf.type = form), times = at)
plain <- fit("plain"); loglog <- fit("log-log")
cat("# time: days; survival::lung;", R.version.string, "\n")
write.csv(data.frame(time = at, n_risk = plain$n.risk, survival = plain$surv, std_error = plain$std.err,
  plain_low = plain$lower, plain_high = plain$upper, loglog_low = loglog$lower, loglog_high = loglog$upper),
  row.names = FALSE)
