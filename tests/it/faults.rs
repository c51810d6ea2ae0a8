//! What fails around the server, done to it for real: nobody gets in who should not, nothing acknowledged is lost, and it
//! comes back by itself. The numbers in the names are those of the fault catalogue.

mod asking;
mod clock;
mod database;
mod disk;
mod load;
mod mail;
mod own_postgres;
mod process;
mod redis;
