//! The contract of [`MailSealer`].

use crate::running::check;
use crate::samples::id;
use crate::two_keys::{TwoKeys, forgeries_of};
use gatewright_application::mail::content::{MailContent, MailTemplate};
use gatewright_application::mail::outbox_mail::{MailId, SealedContent};
use gatewright_application::ports::error::PortError;
use gatewright_application::ports::mail_sealer::MailSealer;

type Keys<'a> = TwoKeys<'a, dyn MailSealer + 'a>;

/// Runs every case on one adapter under two keys.
pub fn suite(ours: &dyn MailSealer, theirs: &dyn MailSealer) {
    let keys = TwoKeys { ours, theirs };
    check(content_of_any_template_comes_back, keys);
    check(content_without_values_comes_back, keys);
    check(large_and_strange_values_come_back, keys);
    check(sealed_content_shows_no_value, keys);
    check(content_opens_for_its_own_mail_alone, keys);
    check(content_under_another_key_does_not_open, keys);
    check(altered_content_does_not_open, keys);
    check(what_was_never_sealed_does_not_open, keys);
}

const MAIL: u32 = 1;

fn content_of_any_template_comes_back(Keys { ours, .. }: Keys<'_>) {
    for template in MailTemplate::ALL {
        comes_back(
            ours,
            &MailContent {
                template,
                ..code_and_link()
            },
        );
    }
}

fn content_without_values_comes_back(Keys { ours, .. }: Keys<'_>) {
    comes_back(ours, &content(&[]));
    comes_back(ours, &content(&[("", ""), ("code", "")]));
}

fn large_and_strange_values_come_back(Keys { ours, .. }: Keys<'_>) {
    let long = "long \u{1f680} ".repeat(10_000);
    comes_back(
        ours,
        &content(&[
            ("long", &long),
            ("strange", "\"'\\{}<>&%=,:;\0\r\n\t王"),
            ("name, with: marks=", "."),
        ]),
    );
}

fn sealed_content_shows_no_value(Keys { ours, .. }: Keys<'_>) {
    let sealed = ours.seal(mail(MAIL), &code_and_link()).unwrap();
    for value in code_and_link().values.values() {
        assert!(!sealed.0.contains(value.as_str()), "{value}");
    }
}

fn content_opens_for_its_own_mail_alone(Keys { ours, .. }: Keys<'_>) {
    let sealed = ours.seal(mail(MAIL), &code_and_link()).unwrap();
    does_not_open(ours, MAIL + 1, &sealed);
}

fn content_under_another_key_does_not_open(Keys { ours, theirs }: Keys<'_>) {
    let sealed = ours.seal(mail(MAIL), &code_and_link()).unwrap();
    does_not_open(theirs, MAIL, &sealed);
}

fn altered_content_does_not_open(Keys { ours, .. }: Keys<'_>) {
    let sealed = ours.seal(mail(MAIL), &code_and_link()).unwrap();
    for altered in forgeries_of(&sealed.0) {
        does_not_open(ours, MAIL, &SealedContent(altered));
    }
}

fn what_was_never_sealed_does_not_open(Keys { ours, .. }: Keys<'_>) {
    for text in ["", ":", "{}", "verify_registration", "v4.local.", "\u{1f680}"] {
        does_not_open(ours, MAIL, &SealedContent(text.to_owned()));
    }
}

fn mail(number: u32) -> MailId {
    MailId(id(number))
}

fn content(values: &[(&str, &str)]) -> MailContent {
    let values = values.iter();
    MailContent {
        template: MailTemplate::VerifyRegistration,
        values: values
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}

fn code_and_link() -> MailContent {
    content(&[
        ("code", "482913"),
        ("link", "https://id.example.org/verify-registration?token=c2FtcGxl"),
    ])
}

fn comes_back(mails: &dyn MailSealer, content: &MailContent) {
    let sealed = mails.seal(mail(MAIL), content).unwrap();
    let opened = mails.open(mail(MAIL), &sealed).unwrap();
    assert_eq!(opened.template, content.template);
    assert_eq!(opened.values, content.values);
}

fn does_not_open(mails: &dyn MailSealer, number: u32, sealed: &SealedContent) {
    let opened = mails.open(mail(number), sealed);
    assert!(
        matches!(opened, Err(PortError::Corrupt { .. })),
        "{:?}: {opened:?}",
        sealed.0
    );
}
