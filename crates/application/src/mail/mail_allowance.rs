//! How many mails a stranger may cause.

use crate::ports::attempt_counters::AttemptCounters;
use crate::ports::digests::Digests;
use crate::ports::error::PortError;
use crate::request::RequestContext;
use gatewright_domain::Timestamp;
use gatewright_domain::abuse::quota::MailQuotas;
use gatewright_domain::account::email::EmailAddress;
use gatewright_domain::session::client::counted_network;
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
    /// There is a mail to send.
    Mail,
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
        let sends = occasion == Occasion::Mail;
        let Some(quotas) = &self.quotas else { return Ok(sends) };
        let (hourly, daily) = match occasion {
            Occasion::Mail => ("mail_recipient_hourly", "mail_recipient_daily"),
            Occasion::Nothing => ("no_mail_recipient_hourly", "no_mail_recipient_daily"),
        };
        let recipient = recipient.canonical();
        let mut taken = vec![
            quotas.recipient_hourly.under(self.digests.counter(hourly, recipient)),
            quotas.recipient_daily.under(self.digests.counter(daily, recipient)),
            quotas.global.under(self.digests.counter("mail_global", "")),
        ];
        if let Some(address) = context.client.address {
            let network = counted_network(address).to_string();
            taken.push(quotas.client.under(self.digests.counter("mail_client", &network)));
        }
        Ok(self.counters.take(&taken, now).await? && sends)
    }
}
