//! Who our mails are from.

use thiserror::Error;

/// A sender as `MAIL_FROM` gives it: `Name <address>`, or an address alone. Unlike a user's address it may be of a
/// host without dots, such as `no-reply@localhost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    name: Option<String>,
    address: String,
}

/// Why a text is no sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SenderError {
    /// Neither `Name <address>` nor an address alone.
    #[error("expected `Name <name@domain>` or `name@domain`")]
    Malformed,
    /// The name holds a control character, such as a line break.
    #[error("the sender's name holds a control character")]
    Name,
    /// The part before the `@` is not an ASCII dot-atom (RFC 5322 §3.2.3).
    #[error("the part of the sender's address before the @ is not acceptable")]
    LocalPart,
    /// The part after the `@` is not a host name in ASCII.
    #[error("the part of the sender's address after the @ is not a host name; write an international one as xn--…")]
    Domain,
}

impl Sender {
    /// Reads a sender.
    ///
    /// # Errors
    /// See [`SenderError`].
    pub fn parse(text: &str) -> Result<Self, SenderError> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>') {
            Some(rest) => rest.rsplit_once('<').ok_or(SenderError::Malformed)?,
            None => ("", text),
        };
        let name = without_quotes(name.trim());
        if name.chars().any(char::is_control) {
            return Err(SenderError::Name);
        }
        let (local, domain) = address.rsplit_once('@').ok_or(SenderError::Malformed)?;
        if !is_dot_atom(local) {
            return Err(SenderError::LocalPart);
        }
        if !is_host_name(domain) {
            return Err(SenderError::Domain);
        }
        Ok(Self {
            name: (!name.is_empty()).then(|| name.to_owned()),
            address: address.to_owned(),
        })
    }

    /// The name to show, if there is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The part of the address after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

fn without_quotes(name: &str) -> &str {
    name.strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(name)
}

fn is_dot_atom(local: &str) -> bool {
    let is_atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

fn is_host_name(domain: &str) -> bool {
    domain
        .split('.')
        .all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<String>, String) {
        let sender = Sender::parse(text).unwrap();
        (sender.name().map(str::to_owned), sender.address().to_owned())
    }

    #[test]
    fn a_sender_is_a_name_and_an_address_or_an_address_alone() {
        let named = (Some("Gatewright".to_owned()), "no-reply@localhost".to_owned());
        assert_eq!(parsed("Gatewright <no-reply@localhost>"), named);
        assert_eq!(parsed(" \"Gatewright\"  <no-reply@localhost> "), named);
        assert_eq!(parsed("no-reply@localhost"), (None, named.1.clone()));
        assert_eq!(parsed("<no-reply@localhost>"), (None, named.1));
        assert_eq!(parsed("Ämter, Nord <a.b@x.example>").0.unwrap(), "Ämter, Nord");
    }

    #[test]
    fn the_domain_is_what_follows_the_last_at() {
        let sender = Sender::parse("Ann @ Home <ann@mail.example.org>").unwrap();
        assert_eq!(sender.domain(), "mail.example.org");
    }

    #[test]
    fn a29_a_sender_holds_no_second_header_and_no_second_address() {
        for (text, error) in [
            ("", SenderError::Malformed),
            ("Gatewright", SenderError::Malformed),
            ("Gatewright no-reply@localhost>", SenderError::Malformed),
            ("Gate\r\nBcc: x@y.example <a@b.example>", SenderError::Name),
            ("a b@x.example", SenderError::LocalPart),
            ("a@b@x.example", SenderError::LocalPart),
            ("A <a@b.example>, B <b@b.example", SenderError::LocalPart),
            ("a@x.example, b@x.example", SenderError::LocalPart),
            ("a@", SenderError::Domain),
            ("a@x..example", SenderError::Domain),
            ("a@bücher.example", SenderError::Domain),
            ("a@x.example\r\nBcc", SenderError::Domain),
        ] {
            assert_eq!(Sender::parse(text), Err(error), "{text:?}");
        }
    }
}
