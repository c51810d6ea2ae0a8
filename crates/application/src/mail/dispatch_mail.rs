//! Use case: send what waits in the outbox.

use crate::mail::back_off::back_off;
use crate::operations::traces;
use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::mail_renderer::MailRenderer;
use crate::ports::mail_sealer::MailSealer;
use crate::ports::mail_transport::{LONGEST_SEND, MailTransport, MailTransportError, OutgoingMail};
use crate::ports::measurements::{MailResult, Measurements};
use crate::ports::outbox::{ClaimedMail, MailOutcome, Outbox};
use crate::ports::secrets::Secrets;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use gatewright_domain::{Duration, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;
use tracing::Instrument;

/// How many mails one claim takes at most.
pub const BATCH: u32 = 32;
/// How long a claim holds; a worker that dies gives its mails back after that.
pub const LEASE: Duration = Duration::minutes(2);
/// How long a run takes up further mails.
pub const RUN: Duration = Duration::minutes(1);
/// Tries before a mail is set aside for good.
pub const MAX_ATTEMPTS: u32 = 12;

/// Sends due mails: claims some, renders, sends as many at once as the transport can, records what became of each.
///
/// A mail that a server takes its time over holds up no other: each has a place of its own among those under way. A
/// run begins with as many mails as it can send at once and claims twice as many each time, for as long as none has to
/// be tried again; so what a server that does not answer keeps waiting are a few mails, and not a whole batch.
#[derive(Clone)]
pub struct DispatchMail {
    /// Where mails wait.
    pub outbox: Arc<dyn Outbox>,
    /// Opens their content.
    pub sealer: Arc<dyn MailSealer>,
    /// Fills their template.
    pub renderer: Arc<dyn MailRenderer>,
    /// Takes them away.
    pub transport: Arc<dyn MailTransport>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names claims.
    pub secrets: Arc<dyn Secrets>,
    /// Counts what became of each.
    pub measurements: Arc<dyn Measurements>,
}

/// What one run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DispatchReport {
    /// Mails taken by the transport.
    pub sent: u32,
    /// Mails to be tried again.
    pub retried: u32,
    /// Mails set aside: refused, expired or broken.
    pub parked: u32,
}

/// One step of the way of a mail that ended.
enum Step {
    Tried(ClaimedMail, MailOutcome),
    Recorded(Result<(), PortError>),
}

/// Where one run stands.
struct Run {
    /// From then on it claims nothing.
    ends_at: Timestamp,
    /// How many mails are sent at once.
    lanes: u32,
    /// How many the next claim takes.
    limit: u32,
    /// Claimed, not begun.
    waiting: VecDeque<ClaimedMail>,
    /// Until when those are ours.
    held_until: Timestamp,
    /// Nothing more was due, or something failed.
    is_over: bool,
    report: DispatchReport,
    fault: Option<PortError>,
}

impl DispatchMail {
    /// Sends until nothing is due, or for the time of [`RUN`]; what is under way by then is seen through.
    ///
    /// # Errors
    /// [`PortError`] where the outbox cannot be reached; what was claimed comes back when its lease runs out.
    pub async fn execute(&self) -> Result<DispatchReport, PortError> {
        let mut run = Run::begin(self.transport.concurrency(), self.clock.now());
        let mut steps = FuturesUnordered::<BoxFuture<'_, Step>>::new();
        let mut sending = 0;
        loop {
            // While a mail is recorded the next one is sent; but no more is sent than can be recorded.
            while sending < run.lanes
                && steps.len() < 2 * run.lanes as usize
                && let Some(claimed) = self.next(&mut run).await
            {
                sending += 1;
                steps.push(Box::pin(self.try_once(claimed, run.held_until)));
            }
            match steps.next().await {
                Some(Step::Tried(claimed, outcome)) => {
                    sending -= 1;
                    run.note(&claimed, &outcome);
                    self.measurements.mail(counted(&outcome));
                    steps.push(Box::pin(self.record(claimed, outcome)));
                }
                Some(Step::Recorded(Ok(()))) => {}
                Some(Step::Recorded(Err(fault))) => run.fail(fault),
                None => return run.fault.map_or(Ok(run.report), Err),
            }
        }
    }

    /// Makes what an earlier process held, and did not live to send, due at once; see
    /// [`Outbox::release_claims`] for when that is right.
    ///
    /// # Errors
    /// [`PortError`] where the outbox cannot be reached.
    pub async fn take_over(&self) -> Result<(), PortError> {
        self.outbox.release_claims(self.clock.now()).await
    }

    /// The next mail to send, from what was claimed or from a new claim.
    async fn next(&self, run: &mut Run) -> Option<ClaimedMail> {
        let now = self.clock.now();
        if run.waiting.is_empty() && !run.is_over && now < run.ends_at {
            let claim = self.secrets.new_id(now);
            match self.outbox.claim_due(claim, run.limit, LEASE, now).await {
                Ok(claimed) => run.take_up(claimed, now + LEASE),
                Err(fault) => run.fail(fault),
            }
        }
        run.waiting.pop_front()
    }

    async fn try_once(&self, claimed: ClaimedMail, held_until: Timestamp) -> Step {
        let now = self.clock.now();
        let outcome = if now + LONGEST_SEND > held_until {
            // Its claim could end under way, and then somebody else would send it as well.
            MailOutcome::Retry {
                at: now,
                reason: "the mails before it took too long".to_owned(),
            }
        } else {
            let template = claimed.mail.template.as_str();
            let span = tracing::info_span!(target: traces::TARGET, "mail", otel.kind = "producer", template);
            self.send(&claimed, now).instrument(span).await
        };
        Step::Tried(claimed, outcome)
    }

    async fn record(&self, claimed: ClaimedMail, outcome: MailOutcome) -> Step {
        let now = self.clock.now();
        let recorded = self.outbox.record(claimed.mail.id, claimed.claim, outcome, now);
        Step::Recorded(recorded.await)
    }

    async fn send(&self, claimed: &ClaimedMail, now: Timestamp) -> MailOutcome {
        let mail = &claimed.mail;
        // A code or link that no longer works would only puzzle its reader.
        if mail.expires_at.is_some_and(|expires_at| now >= expires_at) {
            return MailOutcome::Parked {
                reason: "expired before it could be sent".to_owned(),
            };
        }
        let rendered = self
            .sealer
            .open(mail.id, &mail.content)
            .and_then(|content| self.renderer.render(&content));
        let content = match rendered {
            Ok(content) => content,
            Err(fault) => {
                return MailOutcome::Parked {
                    reason: fault.to_string(),
                };
            }
        };
        let outgoing = OutgoingMail {
            id: mail.id,
            to: mail.to.clone(),
            written_at: mail.created_at,
            content,
        };
        match self.transport.send(&outgoing).await {
            Ok(()) => MailOutcome::Sent,
            Err(MailTransportError::Permanent(reason)) => MailOutcome::Parked { reason },
            Err(MailTransportError::Temporary(reason)) if claimed.attempts >= MAX_ATTEMPTS => {
                MailOutcome::Parked { reason }
            }
            Err(MailTransportError::Temporary(reason)) => MailOutcome::Retry {
                at: self.clock.now() + back_off(claimed),
                reason,
            },
        }
    }
}

impl Run {
    fn begin(lanes: u32, now: Timestamp) -> Self {
        let lanes = lanes.clamp(1, BATCH);
        Self {
            ends_at: now + RUN,
            lanes,
            limit: lanes,
            waiting: VecDeque::new(),
            held_until: now,
            is_over: false,
            report: DispatchReport::default(),
            fault: None,
        }
    }

    fn take_up(&mut self, claimed: Vec<ClaimedMail>, held_until: Timestamp) {
        self.is_over = claimed.len() < self.limit as usize;
        self.limit = (2 * self.limit).min(BATCH);
        self.waiting = claimed.into();
        self.held_until = held_until;
    }

    fn note(&mut self, claimed: &ClaimedMail, outcome: &MailOutcome) {
        let (mail_id, template) = (claimed.mail.id.0, claimed.mail.template.as_str());
        match outcome {
            MailOutcome::Sent => self.report.sent += 1,
            MailOutcome::Retry { reason, .. } => {
                self.report.retried += 1;
                self.limit = self.lanes;
                tracing::info!(%mail_id, template, attempts = claimed.attempts, reason, "mail not sent yet");
            }
            MailOutcome::Parked { reason } => {
                self.report.parked += 1;
                tracing::warn!(%mail_id, template, reason, "mail set aside");
            }
        }
    }

    /// What cannot be recorded had better not be sent: it would be sent again.
    fn fail(&mut self, fault: PortError) {
        self.is_over = true;
        self.waiting.clear();
        self.fault.get_or_insert(fault);
    }
}

fn counted(outcome: &MailOutcome) -> MailResult {
    match outcome {
        MailOutcome::Sent => MailResult::Sent,
        MailOutcome::Retry { .. } => MailResult::Retried,
        MailOutcome::Parked { .. } => MailResult::Parked,
    }
}

impl DispatchReport {
    /// Mails handled.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.sent + self.retried + self.parked
    }
}
