use super::*;
use secrecy::ExposeSecret;

fn parsed(text: &str) -> SmtpUrl {
    SmtpUrl::parse(text).unwrap()
}

#[test]
fn the_port_and_tls_decide_each_other() {
    for (text, port, tls) in [
        ("smtp://mail.example.org", 587, TlsMode::StartTls),
        ("smtp://mail.example.org:465", 465, TlsMode::Implicit),
        ("smtp://mail.example.org:587", 587, TlsMode::StartTls),
        ("smtp://mail.example.org:2525", 2525, TlsMode::StartTls),
        ("smtp://mail.example.org:25", 25, TlsMode::StartTls),
        ("smtp://mail.example.org?tls=implicit", 465, TlsMode::Implicit),
        ("smtp://mail.example.org:465?tls=starttls", 465, TlsMode::StartTls),
        ("smtp://mail.example.org/?tls=none", 25, TlsMode::None),
        (" SMTP://Mail.Example.org:1025?tls=none ", 1025, TlsMode::None),
    ] {
        let url = parsed(text);
        assert_eq!((url.port, url.tls()), (port, tls), "{text}");
        assert_eq!(url.host, "mail.example.org", "{text}");
    }
}

#[test]
fn a_host_may_be_an_address() {
    assert_eq!(parsed("smtp://127.0.0.1:25").server(), "127.0.0.1:25");
    let url = parsed("smtp://[::1]:25");
    assert_eq!((url.host.as_str(), url.server().as_str()), ("::1", "[::1]:25"));
}

#[test]
fn user_and_password_are_percent_decoded() {
    for (text, user, password) in [
        ("smtp://ann:secret@x.example", "ann", "secret"),
        (
            "smtp://ann%40x.example:p%40%3A%2F%3F%23%25@x.example",
            "ann@x.example",
            "p@:/?#%",
        ),
        ("smtp://ann:pass+word @x.example", "ann", "pass+word "),
        ("smtp://ann:gr%C3%BC%C3%9Fe@x.example", "ann", "grüße"),
        ("smtp://ann:grüße@x.example", "ann", "grüße"),
    ] {
        let login = parsed(text).login.unwrap();
        assert_eq!(login.user, user, "{text}");
        assert_eq!(login.password.expose_secret(), password, "{text}");
    }
    assert!(parsed("smtp://x.example").login.is_none());
}

#[test]
fn what_is_wrong_is_said_and_the_password_is_not() {
    for (text, error) in [
        ("", SmtpUrlError::Scheme),
        ("mail.example.org:587", SmtpUrlError::Scheme),
        ("smtps://ann:s3cr3t@x.example", SmtpUrlError::Scheme),
        ("smtp://ann:s3cr3t/s3cr3t@x.example", SmtpUrlError::Malformed),
        ("smtp://ann:12#s3cr3t@x.example", SmtpUrlError::Malformed),
        ("smtp://ann:12/s3cr3t@x.example", SmtpUrlError::Malformed),
        ("smtp://ann:12?s3cr3t@x.example", SmtpUrlError::Parameter),
        ("smtp://ann:s3cr3t@x.example:99999", SmtpUrlError::Malformed),
        ("smtp://ann:s3cr3t@", SmtpUrlError::Malformed),
        ("smtp://", SmtpUrlError::Host),
        ("smtp://bücher.example", SmtpUrlError::Host),
        ("smtp://x.example?tls=off", SmtpUrlError::Tls),
        ("smtp://x.example?tls=none&tls=implicit", SmtpUrlError::Parameter),
        ("smtp://x.example?ssl=on", SmtpUrlError::Parameter),
        ("smtp://ann@x.example", SmtpUrlError::HalfALogin),
        ("smtp://:s3cr3t@x.example", SmtpUrlError::HalfALogin),
        ("smtp://ann:s3cr3t%00@x.example", SmtpUrlError::Login),
        ("smtp://ann:s3cr3t%ff@x.example", SmtpUrlError::Login),
    ] {
        let found = SmtpUrl::parse(text).unwrap_err();
        assert_eq!(found, error, "{text}");
        assert!(!found.to_string().contains("s3cr3t"));
    }
}

#[test]
fn without_tls_a_password_goes_no_further_than_this_machine_unless_that_is_written_down() {
    for local in ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"] {
        parsed(&format!("smtp://ann:secret@{local}?tls=none"));
    }
    for elsewhere in ["x.example", "10.0.0.1", "localhost.x.example"] {
        let url = format!("smtp://ann:secret@{elsewhere}?tls=none");
        assert_eq!(SmtpUrl::parse(&url).unwrap_err(), SmtpUrlError::UnencryptedPassword);
        parsed(&format!("{url}&unencrypted_password=allow"));
    }
    parsed("smtp://x.example?tls=none");
}

#[test]
fn debug_hides_the_password() {
    let shown = format!("{:?}", parsed("smtp://ann:s3cr3t@x.example"));
    assert!(!shown.contains("s3cr3t"), "{shown}");
}
