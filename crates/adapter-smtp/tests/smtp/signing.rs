//! Signed mails on their way.

use crate::mailbox::{plain, received};
use crate::{mail_to, options, transport};
use gatewright_adapter_smtp::dkim::DkimSigner;
use gatewright_adapter_smtp::smtp_transport::{SmtpOptions, SmtpTransport};
use gatewright_application::ports::mail_transport::MailTransport;

/// The example of RFC 8463, appendix A, in the form of RFC 8410.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";

#[tokio::test]
async fn a_signature_stands_before_the_mail_and_changes_nothing_of_it() {
    let mail = mail_to("ann");
    transport(&plain()).send(&mail).await.unwrap();
    let key = DkimSigner::new("id.example.org", "gatewright", &KEY.into()).unwrap();
    let signing = SmtpTransport::new(SmtpOptions {
        dkim: Some(key),
        ..options(&plain())
    });
    signing.unwrap().send(&mail).await.unwrap();
    let [unsigned, signed] = received(&mail).try_into().ok().unwrap();
    let signature = signed.message().strip_suffix(unsigned.message()).unwrap();
    assert!(
        signature.starts_with("DKIM-Signature: v=1; a=ed25519-sha256; "),
        "{signature}"
    );
}
