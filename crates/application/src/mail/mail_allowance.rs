//! How many mails a stranger may cause.

use crate::ports::attempt_counters::AttemptCounters;
use crate::ports::digests::Digests;
use crate::ports::error::PortError;
use crate::request::RequestContext;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::MailQuotas;
use gatewright_domain::account::challenge::ChallengePurpose;
use gatewright_domain::account::email::EmailAddress;
use std::sync::Arc;

/// Guards mailboxes: asked before every mail that somebody who is not signed in can cause. Where it says no, the
/// caller is answered as if the mail had been sent.
#[derive(Clone)]
pub struct MailAllowance {
    /// Counts.
    pub counters: Arc<dyn AttemptCounters>,
    /// Names the counters.
    pub digests: Arc<dyn Digests>,
    /// How many; `None` for load tests.
    pub quotas: Option<MailQuotas>,
}

/// What a request would have mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// There is a mail of this purpose to send. Each purpose counts by itself: sign-ups in somebody's name cannot use
    /// up the mails that recover their password.
    Mail(ChallengePurpose),
    /// There is none, and nobody must notice: counted all the same, but apart, so that asking for an address in vain
    /// cannot use up what its owner needs later.
    Nothing,
}

impl MailAllowance {
    /// Takes one mail to `recipient` from every quota it counts against; `true` where a mail is to be sent.
    ///
    /// # Errors
    /// [`PortError`] where the counters cannot be reached: without them no mail is sent.
    pub async fn take(
        &self,
        occasion: Occasion,
        recipient: &EmailAddress,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<bool, PortError> {
        let sends = occasion != Occasion::Nothing;
        let Some(quotas) = &self.quotas else { return Ok(sends) };
        let recipient = match occasion {
            Occasion::Mail(purpose) => format!("{} {}", purpose.as_str(), recipient.canonical()),
            Occasion::Nothing => format!("nothing {}", recipient.canonical()),
        };
        let global = if sends { "mail_global" } else { "no_mail_global" };
        let mut asking = vec![quotas.global.under(self.digests.counter(global, ""))];
        if let Some(network) = context.network() {
            asking.push(
                quotas
                    .client
                    .under(self.digests.counter("mail_client", &network.to_string())),
            );
        }
        let receiving = [
            quotas
                .recipient_hourly
                .under(self.digests.counter("mail_recipient_hourly", &recipient)),
            quotas
                .recipient_daily
                .under(self.digests.counter("mail_recipient_daily", &recipient)),
        ];
        // Whoever asks is counted whatever becomes of the recipient's mails: what is left of one's own quota must not
        // tell how another address fared.
        let may_ask = self.counters.take(&asking, now).await?;
        let may_receive = self.counters.take(&receiving, now).await?;
        Ok(sends && may_ask && may_receive)
    }
}
