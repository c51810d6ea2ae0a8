//! TLS: to whom we speak, and that nobody talks us out of it.

use crate::mailbox::{authorities, exported, received_once, with_login};
use crate::scripted_server::ScriptedServer;
use crate::{mail_to, options, reason};
use gatewright_adapter_smtp::smtp_transport::{SmtpOptions, SmtpTransport, TlsSetupError};
use gatewright_application::ports::mail_transport::MailTransport;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use std::path::{Path, PathBuf};
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

fn trusting(authorities: PathBuf, url: &str) -> SmtpTransport {
    SmtpTransport::new(SmtpOptions {
        authorities_file: Some(authorities),
        ..options(url)
    })
    .unwrap()
}

async fn refusal(transport: SmtpTransport) -> String {
    reason(transport.send(&mail_to("ann")).await)
}

/// An authority that nobody knows, for as long as the folder is there.
fn unknown_authority(folder: &Path) -> PathBuf {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let path = folder.join("unknown.pem");
    std::fs::write(&path, certificate.pem()).unwrap();
    path
}

/// A server that answers `STARTTLS` as the one at this address would.
async fn starttls_before(listener: String) -> ScriptedServer {
    ScriptedServer::start(move |_, mut talk| {
        let listener = listener.clone();
        async move {
            talk.begin(&["STARTTLS"]).await;
            talk.expect("STARTTLS", "220 go on\r\n").await;
            let mut behind = TcpStream::connect(listener).await.unwrap();
            let _ = copy_bidirectional(&mut talk.stream, &mut behind).await;
        }
    })
    .await
}

#[tokio::test]
async fn both_kinds_of_tls_are_of_the_newest_version() {
    for (listener, tls) in [("STARTTLS", "starttls"), ("IMPLICIT", "implicit")] {
        let mail = mail_to("ann");
        trusting(authorities(), &with_login(listener, tls))
            .send(&mail)
            .await
            .unwrap();
        assert_eq!(received_once(&mail).header("X-Tls"), "TLSv1.3", "{listener}");
    }
}

#[tokio::test]
async fn r58_a_certificate_for_another_name_is_refused() {
    let told = refusal(trusting(authorities(), &with_login("WRONG_NAME", "implicit"))).await;
    assert!(
        told.contains("certificate") && told.contains("mail.elsewhere.example"),
        "{told}"
    );

    let server = starttls_before(exported("WRONG_NAME")).await;
    let told = refusal(trusting(authorities(), &server.url_with("ann:s3cr3t@", "starttls"))).await;
    assert!(told.starts_with("TLS: ") && told.contains("certificate"), "{told}");
}

#[tokio::test]
async fn r58_a_certificate_of_an_unknown_authority_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (listener, tls) in [("STARTTLS", "starttls"), ("IMPLICIT", "implicit")] {
        let told = refusal(trusting(unknown_authority(folder.path()), &with_login(listener, tls))).await;
        assert!(told.contains("UnknownIssuer"), "{told}");
    }
}

#[tokio::test]
async fn r58_a_server_without_starttls_gets_neither_password_nor_mail() {
    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&["AUTH PLAIN LOGIN"]).await;
        talk.expect_no_more().await;
    });
    let server = server.await;
    let url = server.url_with("ann:s3cr3t@", "starttls");
    let told = refusal(trusting(authorities(), &url)).await;
    assert_eq!(
        told,
        "TLS: the server offers no STARTTLS, and without it nothing is sent"
    );
    server.finish().await;

    let server = ScriptedServer::start(|_, mut talk| async move {
        talk.begin(&["STARTTLS", "AUTH PLAIN LOGIN"]).await;
        talk.expect("STARTTLS", "454 4.7.0 not now\r\n").await;
        talk.expect_no_more().await;
    });
    let server = server.await;
    let url = server.url_with("ann:s3cr3t@", "starttls");
    let told = refusal(trusting(authorities(), &url)).await;
    assert_eq!(told, "TLS: 454 4.7.0 not now");
    server.finish().await;
}

/// What was said before TLS, by whoever sat on the line, counts for nothing after it (RFC 3207 §4.2).
#[tokio::test]
async fn r58_offers_from_before_starttls_are_forgotten() {
    let listener = exported("IMPLICIT");
    let server = ScriptedServer::start(move |_, mut talk| {
        let listener = listener.clone();
        async move {
            talk.begin(&["STARTTLS", "PIPELINING", "AUTH LOGIN"]).await;
            talk.expect("STARTTLS", "220 go on\r\n").await;
            // The listener behind greets, which a server does not do after STARTTLS: we are not to mistake it.
            let mut behind = TcpStream::connect(listener).await.unwrap();
            let _ = copy_bidirectional(&mut talk.stream, &mut behind).await;
        }
    });
    let url = server.await.url_with("ann:s3cr3t@", "starttls");
    let told = refusal(trusting(authorities(), &url)).await;
    assert!(told.starts_with("EHLO: "), "{told}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_refused() {
    let told = refusal(trusting(authorities(), &with_login("PLAIN", "implicit"))).await;
    assert!(told.starts_with("TLS: "), "{told}");
}

#[test]
fn a_file_without_authorities_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    for path in [empty, folder.path().join("missing.pem")] {
        let made = SmtpTransport::new(SmtpOptions {
            authorities_file: Some(path.clone()),
            ..options("smtp://mail.example.org")
        });
        let error = made.err().unwrap();
        assert!(matches!(error, TlsSetupError::AuthoritiesFile { .. }), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
}
