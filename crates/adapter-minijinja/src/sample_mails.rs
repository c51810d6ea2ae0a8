//! Samples of every mail, for trying templates out.

use gatewright_application::mail::content::{MailContent, MailTemplate};

/// The values of every mail: a name, a sample, and whether the value may be missing.
fn sample_values(template: MailTemplate) -> Vec<(&'static str, &'static str, bool)> {
    let mut values = vec![
        ("product", "Gatewright", false),
        ("email", "ann@example.org", false),
        ("requested_from", "Firefox on Linux, 192.0.2.7", true),
    ];
    let code = [("code", "482913", false), ("code_minutes", "10", false)];
    let link = ("link", "https://id.example.org/page?token=c2FtcGxl", false);
    let requested_at = ("requested_at", "21 November 2026, 06:14 UTC", false);
    match template {
        MailTemplate::VerifyRegistration | MailTemplate::VerifyEmailChange => {
            values.extend(code);
            values.extend([link, ("link_hours", "24", false), requested_at]);
        }
        MailTemplate::AlreadyRegistered => values.extend([(link.0, link.1, true), requested_at]),
        MailTemplate::EmailChangeRequested | MailTemplate::EmailChanged => {
            values.extend([("new_email", "ann@new.example.org", false), requested_at]);
        }
        MailTemplate::PasswordResetLink => values.extend([link, ("link_minutes", "15", false), requested_at]),
        MailTemplate::PasswordResetCode => {
            values.extend(code);
            values.push(requested_at);
        }
        MailTemplate::PasswordChanged => values.push(("changed_at", requested_at.1, false)),
        MailTemplate::SessionEndedForReuse => {
            values.extend([
                ("device", "Edge on Windows", false),
                ("happened_at", requested_at.1, false),
            ]);
        }
    }
    values
}

/// Every mail twice: first with all its values, then with those alone that are never missing.
pub fn sample_mails() -> impl Iterator<Item = MailContent> {
    MailTemplate::ALL.into_iter().flat_map(|template| {
        [true, false].map(|complete| MailContent {
            template,
            values: sample_values(template)
                .into_iter()
                .filter(|(_, _, optional)| complete || !optional)
                .map(|(name, sample, _)| (name.to_owned(), sample.to_owned()))
                .collect(),
        })
    })
}
