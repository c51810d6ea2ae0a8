//! E-mail addresses: what is accepted, and when two of them are the same address.

use std::fmt;
use thiserror::Error;

/// Longest address accepted, in bytes (RFC 5321 §4.5.3.1.3 leaves 254 for the address itself).
pub const MAX_EMAIL_BYTES: usize = 254;
/// Longest local part accepted, in bytes (RFC 5321 §4.5.3.1.1).
pub const MAX_LOCAL_PART_BYTES: usize = 64;

/// An e-mail address that can be stored, compared and written to.
///
/// The local part is an ASCII dot-atom (RFC 5322 §3.2.3): quoted strings, comments and Unicode
/// local parts are refused, so no two look-alike or compatibility spellings can meet in one
/// account. The domain is an internationalised domain name (UTS 46), kept as its A-label.
///
/// A mail always goes to [`as_str`](Self::as_str) of the *stored* address; equality and look-ups
/// go by [`canonical`](Self::canonical), so `Ann@Example.org` and `ann@example.org` are one account.
#[derive(Clone)]
pub struct EmailAddress {
    address: String,
    canonical: String,
}

/// Why a text is not an acceptable e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EmailError {
    /// Nothing but white space.
    #[error("the e-mail address is empty")]
    Empty,
    /// Over [`MAX_EMAIL_BYTES`], or a local part over [`MAX_LOCAL_PART_BYTES`].
    #[error("the e-mail address is too long")]
    TooLong,
    /// Not `local-part@domain`.
    #[error("the e-mail address needs the form name@domain")]
    Malformed,
    /// The part before the `@` is not an ASCII dot-atom.
    #[error("the part before the @ may hold ASCII letters, digits, single dots and !#$%&'*+/=?^_`{{|}}~- only")]
    LocalPart,
    /// The part after the `@` is not a domain name of at least two labels.
    #[error("the part after the @ is not a domain name")]
    Domain,
}

impl EmailAddress {
    /// Reads an address as a person typed it; surrounding white space is dropped.
    ///
    /// # Errors
    /// See [`EmailError`].
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.len() > MAX_EMAIL_BYTES {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Malformed)?;
        if local.len() > MAX_LOCAL_PART_BYTES {
            return Err(EmailError::TooLong);
        }
        if !is_dot_atom(local) {
            return Err(EmailError::LocalPart);
        }
        let domain = to_a_label(domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > MAX_EMAIL_BYTES {
            return Err(EmailError::TooLong);
        }
        let canonical = address.to_ascii_lowercase();
        Ok(Self { address, canonical })
    }

    /// The address as it was given, the domain in its A-label: where mail goes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The form two spellings of one address share.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The part before the `@`, a context word that a password must not be (ASVS 6.1.2).
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The domain in its A-label, lower case.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.canonical.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for EmailAddress {}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.address.chars().next().unwrap_or('?');
        write!(f, "EmailAddress({first}…@{})", self.domain())
    }
}

fn is_dot_atom(local: &str) -> bool {
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

fn to_a_label(domain: &str) -> Result<String, EmailError> {
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailError::Domain)?;
    let labels: Vec<&str> = ascii.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    let named = labels.len() >= 2 && labels.iter().all(|label| !label.is_empty());
    // An all-numeric last label is an IPv4 address in disguise, not a name (RFC 3696 §2).
    if !named || top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(EmailError::Domain);
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_is_kept_for_mail_and_ignored_for_identity() {
        let typed = EmailAddress::parse(" Ann.Lee+News@Example.ORG ").unwrap();
        assert_eq!(typed.as_str(), "Ann.Lee+News@example.org");
        assert_eq!(typed.canonical(), "ann.lee+news@example.org");
        assert_eq!(typed, EmailAddress::parse("ann.lee+news@example.org").unwrap());
        assert_eq!(typed.local_part(), "Ann.Lee+News");
    }

    #[test]
    fn a25_an_international_domain_is_stored_as_its_a_label() {
        let typed = EmailAddress::parse("ann@bücher.example").unwrap();
        assert_eq!(typed.as_str(), "ann@xn--bcher-kva.example");
        assert_eq!(typed, EmailAddress::parse("ann@BÜCHER.example").unwrap());
        // The capital sharp s, the Kelvin sign and full-width letters map onto one spelling.
        assert_eq!(
            EmailAddress::parse("ann@\u{212a}elvin.example").unwrap().domain(),
            "kelvin.example"
        );
    }

    #[test]
    fn a23_look_alikes_in_the_local_part_are_refused() {
        for local in [
            "ann\u{131}",
            "\u{17f}ue",
            "\u{212a}im",
            "stra\u{df}e",
            "\u{fb01}nn",
            "a\u{301}nn",
        ] {
            let text = format!("{local}@example.org");
            assert_eq!(
                EmailAddress::parse(&text).unwrap_err(),
                EmailError::LocalPart,
                "{text:?}"
            );
        }
    }

    #[test]
    fn a29_line_breaks_and_smtp_syntax_are_refused() {
        for text in [
            "a@b.example\r\nRCPT TO:<c@d.example>",
            "a\r\n@b.example",
            "\"a b\"@b.example",
            "\"a\\\"\r\nDATA\"@b.example",
            "a@b.example>",
            "<a@b.example",
            "a(comment)@b.example",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@localhost",
            "a..b@x.example",
            ".a@x.example",
            "a.@x.example",
            "a@x..example",
            "a@-x.example",
            "a@x.example.",
            "a@",
            "@x.example",
            "a",
            "",
            "a\0@x.example",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?} was accepted");
        }
    }

    #[test]
    fn the_bounds_of_rfc_5321_hold() {
        let local = "a".repeat(64);
        assert!(EmailAddress::parse(&format!("{local}@x.example")).is_ok());
        assert_eq!(
            EmailAddress::parse(&format!("{local}a@x.example")),
            Err(EmailError::TooLong)
        );
        let label = "d".repeat(60);
        let long = format!("{local}@{label}.{label}.{label}.{label}");
        assert_eq!(EmailAddress::parse(&long), Err(EmailError::TooLong));
    }

    #[test]
    fn debug_does_not_print_the_whole_address() {
        let shown = format!("{:?}", EmailAddress::parse("secretive@example.org").unwrap());
        assert!(!shown.contains("secretive"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = EmailAddress::parse(&text);
        }

        #[test]
        fn what_is_accepted_is_plain_ascii_and_parses_to_itself(text in "[a-zA-Z.+]{1,12}@[a-zäöü-]{1,8}\\.[a-z]{2,5}") {
            if let Ok(email) = EmailAddress::parse(&text) {
                prop_assert!(email.as_str().is_ascii());
                let again = EmailAddress::parse(email.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), email.as_str());
            }
        }
    }
}
