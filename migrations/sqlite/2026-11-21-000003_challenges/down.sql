drop table challenges;
