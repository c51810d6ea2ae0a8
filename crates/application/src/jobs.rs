//! Periodic work: what there is to do, and how one process at a time does it.
//!
//! Start reading at [`job`] for the list, then at [`run_job`] for what a run is. Sending mails is no job: its claims have
//! leases of their own, so every process sends.

mod held_run;
pub mod job;
pub mod list_jobs;
pub mod remove_expired;
pub mod retention;
pub mod rotate_signing_keys;
pub mod run_job;
