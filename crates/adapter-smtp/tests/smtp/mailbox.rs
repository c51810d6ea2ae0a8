//! The real mail server that `cargo xtask services` starts; see `xtask/services/smtp_server.py` for what it does.

use gatewright_application::ports::mail_transport::OutgoingMail;
use std::fs;
use std::path::PathBuf;

/// A variable that says how to find it.
#[expect(
    clippy::disallowed_methods,
    reason = "where the tests' servers are is no setting of the product"
)]
pub(crate) fn exported(name: &str) -> String {
    let name = format!("GATEWRIGHT_TEST_SMTP_{name}");
    std::env::var(&name).unwrap_or_else(|_| panic!("set {name}, or run `cargo xtask test`"))
}

/// The URL of a listener that asks for no login.
pub(crate) fn plain() -> String {
    format!("smtp://{}?tls=none", exported("PLAIN"))
}

/// The URL of a listener, with the right login.
pub(crate) fn with_login(listener: &str, tls: &str) -> String {
    let password = exported("PASSWORD").replace(' ', "%20");
    format!(
        "smtp://{}:{password}@{}?tls={tls}",
        exported("USER"),
        exported(listener)
    )
}

/// The authority behind the listeners' certificates.
pub(crate) fn authorities() -> PathBuf {
    exported("CA").into()
}

/// A mail as the server got it.
pub(crate) struct Received(String);

impl Received {
    /// The value of a header, unfolded; those that the server adds begin with `X-`.
    pub(crate) fn header(&self, name: &str) -> &str {
        let lines = self.0.split("\r\n");
        let value = lines
            .filter_map(|line| line.split_once(": "))
            .find(|(found, _)| *found == name);
        value.unwrap_or_else(|| panic!("no {name} in {}", self.0)).1
    }

    /// What was sent.
    pub(crate) fn message(&self) -> &str {
        let own = self.0.split_inclusive("\r\n").take_while(|line| line.starts_with("X-"));
        &self.0[own.map(str::len).sum::<usize>()..]
    }
}

/// What came of a mail, once for every time it came.
pub(crate) fn received(mail: &OutgoingMail) -> Vec<Received> {
    all_received(|received| received.header("X-Envelope-To").eq_ignore_ascii_case(mail.to.as_str()))
}

/// What came and is wanted, in the order of arrival.
pub(crate) fn all_received(is_wanted: impl Fn(&Received) -> bool) -> Vec<Received> {
    let paths = fs::read_dir(exported("MAILBOX"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .collect();
    paths.sort();
    let mails = paths.iter().map(|path| Received(fs::read_to_string(path).unwrap()));
    mails.filter(is_wanted).collect()
}

/// The one time a mail came.
pub(crate) fn received_once(mail: &OutgoingMail) -> Received {
    let [received] = <[Received; 1]>::try_from(received(mail)).unwrap_or_else(|all| panic!("came {} times", all.len()));
    received
}
