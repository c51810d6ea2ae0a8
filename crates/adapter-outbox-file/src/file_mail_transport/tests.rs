use super::*;
use crate::stored_mail::StoredMail;
use gatewright_application::mail::content::RenderedMail;
use gatewright_application::mail::outbox_mail::MailId;
use gatewright_domain::Timestamp;
use gatewright_domain::account::email::EmailAddress;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;
use time::macros::datetime;
use uuid::Uuid;

const WRITTEN_AT: Timestamp = datetime!(2026-11-21 06:14:07.000_009 UTC);

struct Desk {
    home: TempDir,
    folder: MailFolder,
    transport: FileMailTransport,
}

impl Desk {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        let folder = MailFolder::new(home.path().join("data/mail"));
        let sender = Sender::parse("Gatewright <no-reply@id.example.org>").unwrap();
        let transport = FileMailTransport::new(folder.clone(), sender);
        Self {
            home,
            folder,
            transport,
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.folder.directory())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files
    }

    fn only_message(&self) -> String {
        let [file] = self.files().try_into().unwrap();
        fs::read_to_string(file).unwrap()
    }

    async fn read_back(&self, mail: &OutgoingMail) -> StoredMail {
        self.folder.find(mail.id).await.unwrap().unwrap()
    }
}

fn mail(number: u128) -> OutgoingMail {
    OutgoingMail {
        id: MailId(Uuid::from_u128(number)),
        to: EmailAddress::parse("Ann@example.org").unwrap(),
        written_at: WRITTEN_AT,
        content: RenderedMail {
            subject: "Confirm your address".into(),
            text: "Hello,\n\n482913\n".into(),
            html: "<p>482913</p>\n".into(),
        },
    }
}

#[tokio::test]
async fn a_mail_becomes_a_message_with_both_parts() {
    let desk = Desk::new();
    desk.transport.send(&mail(1)).await.unwrap();
    let message = desk.only_message();
    for line in [
        "From: \"Gatewright\" <no-reply@id.example.org>",
        "To: <Ann@example.org>",
        "Subject: Confirm your address",
        "Date: Sat, 21 Nov 2026 06:14:07 +0000",
        "Message-ID: <00000000-0000-0000-0000-000000000001@id.example.org>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=\"utf-8\"",
        "482913",
        "<p>482913</p>",
    ] {
        assert!(message.split("\r\n").any(|other| other == line), "{line} in\n{message}");
    }
    assert!(message.contains("Content-Type: multipart/alternative;"), "{message}");
    assert!(!message.replace("\r\n", "").contains(['\r', '\n']), "{message}");
}

#[tokio::test]
async fn a_mail_is_read_back_as_it_was_sent() {
    let desk = Desk::new();
    let mut sent = mail(1);
    let long_line = "é".repeat(600);
    sent.content = RenderedMail {
        subject: "Zugang für Zoë – ".repeat(8).trim_end().into(),
        text: format!(
            "Grüße, 王\n\nhttps://id.example.org/verify?token={}\n",
            "aB-_9".repeat(30)
        ),
        html: format!("<p>{long_line}</p>\n"),
    };
    desk.transport.send(&sent).await.unwrap();
    let read = desk.read_back(&sent).await;
    assert_eq!(read.to, "Ann@example.org");
    assert_eq!(read.written_at, WRITTEN_AT);
    assert_eq!(read.subject, sent.content.subject);
    assert_eq!(read.text, sent.content.text);
    assert_eq!(read.html, sent.content.html);
    let message = desk.only_message();
    assert!(message.lines().all(|line| line.len() <= 998));
    let link = sent.content.text.lines().nth(2).unwrap();
    assert!(message.contains(link), "a developer copies the link out of the file");
}

#[tokio::test]
async fn the_same_mail_twice_is_one_file_with_the_same_bytes() {
    let desk = Desk::new();
    desk.transport.send(&mail(1)).await.unwrap();
    let first = desk.only_message();
    desk.transport.send(&mail(1)).await.unwrap();
    assert_eq!(desk.only_message(), first);
    fs::remove_dir_all(desk.folder.directory()).unwrap();
    desk.transport.send(&mail(1)).await.unwrap();
    assert_eq!(desk.only_message(), first);
}

#[tokio::test]
async fn one_mail_sent_many_times_at_once_is_one_whole_file() {
    let desk = Desk::new();
    let mail = mail(1);
    let sends = tokio::join!(
        desk.transport.send(&mail),
        desk.transport.send(&mail),
        desk.transport.send(&mail),
        desk.transport.send(&mail),
    );
    assert_eq!(sends, (Ok(()), Ok(()), Ok(()), Ok(())));
    assert_eq!(desk.files().len(), 1);
    assert_eq!(desk.read_back(&mail).await.text, mail.content.text);
}

#[tokio::test]
async fn mails_are_listed_newest_first_up_to_a_limit() {
    let desk = Desk::new();
    for number in [2_u32, 1, 3] {
        let mut mail = mail(u128::from(number));
        mail.written_at += time::Duration::seconds(i64::from(number));
        desk.transport.send(&mail).await.unwrap();
    }
    fs::write(desk.folder.directory().join("notes.txt"), "mine").unwrap();
    let listed = desk.folder.newest(2).await.unwrap();
    let numbers: Vec<u128> = listed.iter().map(|mail| mail.id.0.as_u128()).collect();
    assert_eq!(numbers, [3, 2]);
    let last = desk.files().pop().unwrap();
    assert!(last.to_string_lossy().ends_with("notes.txt"));
    assert!(
        desk.files()[2].to_string_lossy().ends_with("0003.eml"),
        "the newest name sorts last"
    );
}

#[tokio::test]
async fn a_folder_without_mails_lists_none_and_finds_none() {
    let desk = Desk::new();
    assert_eq!(desk.folder.newest(10).await.unwrap(), []);
    assert_eq!(desk.folder.find(mail(1).id).await.unwrap(), None);
}

#[tokio::test]
async fn a_broken_file_does_not_hide_the_others() {
    let desk = Desk::new();
    desk.transport.send(&mail(1)).await.unwrap();
    desk.transport.send(&mail(2)).await.unwrap();
    fs::write(desk.files().pop().unwrap(), b"").unwrap();
    let listed = desk.folder.newest(10).await.unwrap();
    assert!(
        listed
            .iter()
            .any(|mail| mail.id.0.as_u128() == 1 && mail.to == "Ann@example.org")
    );
}

#[tokio::test]
async fn a29_a_line_break_in_a_subject_starts_no_header() {
    let desk = Desk::new();
    let mut mail = mail(1);
    mail.content.subject = "Hello\r\nBcc: eve@evil.example\r\n\r\n<p>".into();
    desk.transport.send(&mail).await.unwrap();
    let message = desk.only_message();
    assert!(!message.contains("\nBcc"), "{message}");
    assert_eq!(desk.read_back(&mail).await.text, mail.content.text);
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_may_be_tried_again() {
    let desk = Desk::new();
    fs::write(desk.home.path().join("data"), "in the way").unwrap();
    let error = desk.transport.send(&mail(1)).await.unwrap_err();
    let MailTransportError::Temporary(reason) = error else {
        panic!("{error}");
    };
    assert!(reason.contains("data/mail"), "{reason}");
    assert!(desk.transport.check().await.is_err());
}

#[tokio::test]
async fn the_probe_leaves_nothing_behind() {
    let desk = Desk::new();
    assert_eq!(desk.transport.name(), "mail");
    desk.transport.check().await.unwrap();
    assert_eq!(desk.files(), [] as [PathBuf; 0]);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_mails() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.transport.send(&mail(1)).await.unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(desk.folder.directory()), 0o700);
    assert_eq!(mode(&desk.files()[0]), 0o600);
}

#[test]
fn debug_shows_no_code() {
    let mail = StoredMail {
        id: MailId(Uuid::from_u128(1)),
        written_at: WRITTEN_AT,
        to: "ann@example.org".into(),
        subject: "Your code".into(),
        text: "482913".into(),
        html: "482913".into(),
    };
    assert!(!format!("{mail:?}").contains("482913"));
}
