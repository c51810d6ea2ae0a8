//! What is counted and timed while the service works.

use crate::jobs::job::Job;
use std::time::Duration;

/// How a sign-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignInOutcome {
    /// A session began.
    Succeeded,
    /// Unknown account or wrong password.
    InvalidCredentials,
    /// The right password of an account that may not sign in.
    Refused,
    /// Too many tries.
    RateLimited,
    /// The password could not be verified now.
    Unavailable,
}

/// What became of a mail at one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailResult {
    /// Taken by the next server.
    Sent,
    /// To be tried again.
    Retried,
    /// Set aside.
    Parked,
}

/// One answered request. The route is its pattern, never its path: paths hold ids.
#[derive(Debug, Clone, Copy)]
pub struct AnsweredRequest<'a> {
    /// The pattern, `unmatched` where there is none.
    pub route: &'a str,
    /// The method.
    pub method: &'a str,
    /// The status.
    pub status: u16,
    /// From the head's arrival to the answer.
    pub took: Duration,
}

/// Takes note. Every method is called on hot paths: it MUST NOT block, and never fails.
pub trait Measurements: Send + Sync {
    /// A request was answered.
    fn request_answered(&self, request: AnsweredRequest<'_>);
    /// Somebody tried to sign in.
    fn sign_in(&self, outcome: SignInOutcome);
    /// A password was hashed or verified, after waiting for a thread.
    fn password_hashed(&self, waited: Duration, took: Duration);
    /// A mail was tried.
    fn mail(&self, result: MailResult);
    /// A job's run ended.
    fn job_finished(&self, job: Job, succeeded: bool, took: Duration);
}
