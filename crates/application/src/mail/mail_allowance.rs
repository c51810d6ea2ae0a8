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

impl MailAllowance {
    /// Takes one mail to `recipient` from every quota it counts against.
    ///
    /// # Errors
    /// [`PortError`] where the counters cannot be reached: without them no mail is sent.
    pub async fn take(
        &self,
        recipient: &EmailAddress,
        context: &RequestContext,
        now: Timestamp,
    ) -> Result<bool, PortError> {
        let Some(quotas) = &self.quotas else { return Ok(true) };
        let recipient = recipient.canonical();
        let mut taken = vec![
            quotas
                .recipient_hourly
                .under(self.digests.counter("mail_recipient_hourly", recipient)),
            quotas
                .recipient_daily
                .under(self.digests.counter("mail_recipient_daily", recipient)),
            quotas.global.under(self.digests.counter("mail_global", "")),
        ];
        if let Some(address) = context.client.address {
            let network = counted_network(address).to_string();
            taken.push(quotas.client.under(self.digests.counter("mail_client", &network)));
        }
        self.counters.take(&taken, now).await
    }
}
