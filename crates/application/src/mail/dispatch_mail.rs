//! Use case: send what waits in the outbox.

use crate::ports::clock::Clock;
use crate::ports::error::PortError;
use crate::ports::mail_renderer::MailRenderer;
use crate::ports::mail_sealer::MailSealer;
use crate::ports::mail_transport::{MailTransport, MailTransportError, OutgoingMail};
use crate::ports::outbox::{ClaimedMail, MailOutcome, Outbox};
use crate::ports::secrets::Secrets;
use gatewright_domain::{Duration, Timestamp};
use std::sync::Arc;

/// How many mails one run claims at once.
pub const BATCH: u32 = 32;
/// How long a claim holds; a worker that dies gives its mails back after that.
pub const LEASE: Duration = Duration::minutes(2);
/// Tries before a mail is set aside for good.
pub const MAX_ATTEMPTS: u32 = 12;

/// Sends due mails: claims a batch, renders, sends, records what became of each.
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

impl DispatchMail {
    /// Runs one batch. More may be due where [`DispatchReport::total`] reaches [`BATCH`].
    ///
    /// # Errors
    /// [`PortError`] where the outbox cannot be reached; what was claimed comes back when its lease runs out.
    pub async fn execute(&self) -> Result<DispatchReport, PortError> {
        let now = self.clock.now();
        let claim = self.secrets.new_id(now);
        let mut report = DispatchReport::default();
        for claimed in self.outbox.claim_due(claim, BATCH, LEASE, now).await? {
            let outcome = self.send(&claimed, self.clock.now()).await;
            match &outcome {
                MailOutcome::Sent => report.sent += 1,
                MailOutcome::Retry { .. } => report.retried += 1,
                MailOutcome::Parked { reason } => {
                    report.parked += 1;
                    tracing::warn!(mail_id = %claimed.mail.id.0, template = claimed.mail.template.as_str(), reason, "mail set aside");
                }
            }
            self.outbox
                .record(claimed.mail.id, claimed.claim, outcome, self.clock.now())
                .await?;
        }
        Ok(report)
    }

    /// Makes what an earlier process held, and did not live to send, due at once; see
    /// [`Outbox::release_claims`] for when that is right.
    ///
    /// # Errors
    /// [`PortError`] where the outbox cannot be reached.
    pub async fn take_over(&self) -> Result<(), PortError> {
        self.outbox.release_claims(self.clock.now()).await
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
                at: now + back_off(claimed.attempts),
                reason,
            },
        }
    }
}

impl DispatchReport {
    /// Mails handled.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.sent + self.retried + self.parked
    }
}

/// 10 s after the first try, twice as long after each further one, at most an hour.
fn back_off(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(9);
    Duration::seconds(10 << doublings).min(Duration::hours(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_up_to_an_hour() {
        let seconds: Vec<i64> = [1, 2, 3, 9, 10, 12].map(|n| back_off(n).whole_seconds()).to_vec();
        assert_eq!(seconds, [10, 20, 40, 2560, 3600, 3600]);
    }
}
