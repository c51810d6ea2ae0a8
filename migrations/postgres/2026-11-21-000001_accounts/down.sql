drop table user_roles;
drop table users;
