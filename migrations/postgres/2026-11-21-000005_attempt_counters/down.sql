drop table attempt_counters;
