//! The mail that proves the address of a new account.

use crate::challenge::issue::IssuedChallenge;
use crate::mail::compose::{LinkPage, MailComposer, MailDraft, hours, minutes};
use crate::mail::content::MailTemplate;
use crate::ports::change::Change;
use crate::ports::error::PortError;
use crate::request::RequestContext;
use gatewright_domain::Timestamp;
use gatewright_domain::account::challenge::ChallengePolicy;
use gatewright_domain::account::email::EmailAddress;
use secrecy::ExposeSecret;

/// Enqueues the mail with the code and link of `issued` to `email`. It repeats nothing that was typed at
/// sign-up: a stranger must not be able to write to our users through us.
///
/// # Errors
/// [`PortError`] where the mail cannot be sealed.
pub fn verification_mail(
    mails: &MailComposer,
    policy: &ChallengePolicy,
    email: &EmailAddress,
    issued: &IssuedChallenge,
    context: &RequestContext,
    now: Timestamp,
) -> Result<Change, PortError> {
    let draft = MailDraft::new(MailTemplate::VerifyRegistration, email)
        .with("code", issued.code.expose_secret())
        .with("code_minutes", minutes(policy.code_ttl))
        .with(
            "link",
            mails.link(LinkPage::VerifyRegistration, Some(&issued.link_token)),
        )
        .with("link_hours", hours(policy.verification_link_ttl))
        .caused_by(context, now)
        .until(issued.challenge.link_expires_at);
    mails.enqueue(draft, now)
}
