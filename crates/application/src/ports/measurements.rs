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
    /// The password could not be verified now, or the session not be stored.
    Unavailable,
}

impl SignInOutcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Succeeded,
        Self::InvalidCredentials,
        Self::Refused,
        Self::RateLimited,
        Self::Unavailable,
    ];

    /// Its name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::InvalidCredentials => "invalid_credentials",
            Self::Refused => "refused",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
        }
    }
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

impl MailResult {
    /// Every result.
    pub const ALL: [Self; 3] = [Self::Sent, Self::Retried, Self::Parked];

    /// Its name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retried => "retried",
            Self::Parked => "parked",
        }
    }
}

/// One answered request.
#[derive(Debug, Clone, Copy)]
pub struct AnsweredRequest<'a> {
    /// The pattern of its route, never its path, which may hold ids; `unmatched` where there is none. A closed set.
    pub route: &'static str,
    /// The method, as the client wrote it.
    pub method: &'a str,
    /// The status.
    pub status: u16,
    /// From the head's arrival to the answer's head.
    pub took: Duration,
}

/// Takes note. Every method is called on hot paths: it MUST NOT block, MUST NOT grow without bound by what clients
/// send, and never fails.
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

/// Takes no note: for a process that nobody measures, and for tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unmeasured;

impl Measurements for Unmeasured {
    fn request_answered(&self, _: AnsweredRequest<'_>) {}
    fn sign_in(&self, _: SignInOutcome) {}
    fn password_hashed(&self, _: Duration, _: Duration) {}
    fn mail(&self, _: MailResult) {}
    fn job_finished(&self, _: Job, _: bool, _: Duration) {}
}
