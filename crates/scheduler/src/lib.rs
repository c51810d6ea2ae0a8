//! Work beside the requests: when jobs run and mails are sent.
//!
//! A [`Scheduler`] looks every now and then whether a job is due, and sends mails as they come. What keeps any number of them
//! from doing something twice is not here: jobs and mails are held by leases in the database, and the use cases take them. So this
//! crate is about time alone: it may import the application and the domain, clokwerk and tokio.
//!
//! Start reading at [`Scheduler`], then at `job_looks.rs`.

mod job_clock;
mod job_looks;
mod mail_dispatch;
mod outage;
mod scheduler;
mod steady_pace;
mod stop_signal;

pub use mail_dispatch::MailSignal;
pub use scheduler::{Scheduler, SchedulerOptions, Work};
pub use steady_pace::rest_after;
