//! PostgreSQL and Redis for a test alone: found on the machine, started on a free port in a temporary folder, and
//! stopped, killed, paused and started again at will.
//!
//! Nothing is left behind. A server ends when it is dropped, and also when the test that started it is killed:
//! see [`ProcessFolder`]. It imports the standard library alone, so that `cargo xtask` builds in seconds.
//!
//! Start reading at [`PostgresServer`] and [`RedisServer`].

mod account;
mod ports;
mod postgres;
mod process;
mod process_folder;
mod programs;
mod redis;
mod waiting;

pub use postgres::PostgresServer;
pub use process::Process;
pub use process_folder::ProcessFolder;
pub use programs::{installed_postgres, installed_redis, program};
pub use redis::{RedisCluster, RedisServer};
pub use waiting::wait_until;
