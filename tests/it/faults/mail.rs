//! The mail server is away, refuses, or does not answer: mails are late, and everything else is as ever.

use gatewright_tests::client::{Client, PASSWORD};
use gatewright_tests::environment::Environment;
use gatewright_tests::mailbox::Mailbox;
use gatewright_tests::scheduler::Scheduler;
use gatewright_tests::server::Server;
use gatewright_tests::set::{Set, only_on};
use serde_json::json;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// How long anything may take before a test gives up on it: longer than the first pause before a mail is tried again.
const PATIENCE: Duration = Duration::from_secs(40);
/// What a request may take while mails cannot leave, on a busy machine.
const BOUND: Duration = Duration::from_secs(3);

/// What `cargo xtask services` says of its mail server; `xtask/services/smtp_server.py` tells what an address can ask of it.
fn exported(name: &str) -> String {
    let name = format!("GATEWRIGHT_TEST_SMTP_{name}");
    let value = std::env::var_os(&name).and_then(|value| value.into_string().ok());
    value.unwrap_or_else(|| panic!("set {name}, or run `cargo xtask test`"))
}

fn mail_server() -> String {
    format!("smtp://{}?tls=none", exported("PLAIN"))
}

/// A part of the mail server's mailbox that belongs to one test.
struct Recipients(String);

impl Recipients {
    fn of(test: &str) -> Self {
        Self(format!("{test}-{}.example.org", std::process::id()))
    }

    fn named(&self, local_part: &str) -> String {
        format!("{local_part}@{}", self.0)
    }

    /// Whom a mail came to, once for each mail, in the order of their names.
    fn reached(&self) -> Vec<String> {
        let end = format!("@{}.eml", self.0);
        let files = fs::read_dir(exported("MAILBOX")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let local_part = |name: String| Some(name.strip_suffix(&end)?.split_once('-')?.1.to_owned());
        let mut reached: Vec<String> = names.filter_map(local_part).collect();
        reached.sort();
        reached
    }

    /// What the mail server was asked about one of them, and its answers, one a line.
    fn asked_about(&self, local_part: &str) -> Vec<String> {
        let log = fs::read_to_string(PathBuf::from(exported("MAILBOX")).join("attempts.log"));
        let about = format!(" {} ", self.named(local_part));
        let log = log.unwrap_or_default();
        let lines = log.lines().filter(|line| line.contains(&about));
        lines.map(ToOwned::to_owned).collect()
    }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "it never came about that {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Every server is ready, and says this of itself and of mails.
async fn until_ready_says(server: &Server, status: &str, mail: &str) {
    let begun = Instant::now();
    for replica in server.replicas() {
        let client = replica.client();
        loop {
            let ready = client.get("/health/ready").await.expect(200);
            if ready.text_at("/status") == status && ready.text_at("/dependencies/mail") == mail {
                break;
            }
            assert!(begun.elapsed() < PATIENCE, "{}", ready.text);
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The address of a mail server that is not there yet: whoever connects is refused.
struct Absent {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Absent {
    fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Nobody else gets the port, and nobody listens on it.
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = socket.local_addr().unwrap();
        Self { socket, address }
    }

    fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// From now on it is.
    fn appear(self) -> JoinSet<()> {
        let listener = self.socket.listen(64).unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (mut from, _) = listener.accept().await.unwrap();
                connections.spawn(async move {
                    let mut to = TcpStream::connect(exported("PLAIN")).await.unwrap();
                    let _ = copy_bidirectional(&mut from, &mut to).await;
                });
            }
        });
        tasks
    }
}

#[tokio::test]
async fn f14_while_the_mail_server_is_away_sign_ups_go_on_and_their_mails_come_later() {
    let absent = Absent::new();
    let recipients = Recipients::of("f14-late");
    let server = Server::with(&[("SMTP_URL", &absent.url())]);
    let (client, ann) = (server.client(), recipients.named("ann"));
    let begun = Instant::now();
    let flow = client.sign_up(&ann, PASSWORD).await;
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    let tried = "outbox_mails where attempts = 1 and last_error is not null";
    until("it was tried", || server.environment().count(tried) == 1).await;
    until_ready_says(&server, "degraded", "unavailable").await;
    let _mail_server = absent.appear();
    until("it came", || recipients.reached() == ["ann"]).await;
    let code = Mailbox::of_mail_server().wait_for(&ann, 1).code();
    let proof = json!({"flow_id": flow, "code": code});
    let answer = client.post("/auth/register/verify", proof).await.expect(201);
    assert!(!answer.text_at("/access_token").is_empty());
    until_ready_says(&server, "ok", "ok").await;
}

#[tokio::test]
async fn f14_a_mail_whose_code_expired_while_the_mail_server_was_away_is_not_sent() {
    let sets = [Set::Postgres, Set::Replicas];
    if !only_on(&sets, "the time passes in the database, behind the server's back") {
        return;
    }
    let absent = Absent::new();
    let recipients = Recipients::of("f14-expired");
    let server = Server::with(&[("SMTP_URL", &absent.url())]);
    let (client, environment) = (server.client(), server.environment());
    for name in ["late", "later"] {
        client.sign_up(&recipients.named(name), PASSWORD).await;
    }
    let tried = "outbox_mails where attempts = 1 and last_error is not null";
    until("they were tried", || environment.count(tried) == 2).await;
    let late = recipients.named("late");
    environment.execute(&format!(
        "update outbox_mails set expires_at = created_at where recipient = '{late}'"
    ));
    let _mail_server = absent.appear();
    environment.execute("update outbox_mails set due_at = created_at");
    let outcome = "outbox_mails where sent_at is not null or parked_at is not null";
    until("all are done with", || environment.count(outcome) == 2).await;
    assert_eq!(recipients.reached(), ["later"]);
    assert_eq!(environment.count("outbox_mails where parked_at is not null"), 1);
}

async fn sign_up(client: &Client, recipients: &Recipients, names: impl IntoIterator<Item = String>) {
    for name in names {
        client.sign_up(&recipients.named(&name), PASSWORD).await;
    }
}

#[tokio::test]
async fn f15_what_is_refused_for_now_is_tried_again_and_what_is_refused_for_good_set_aside() {
    let recipients = Recipients::of("f15-refused");
    let server = Server::with(&[("SMTP_URL", &mail_server())]);
    let (client, environment) = (server.client(), server.environment());
    let poison = || (0..8).map(|number| format!("permfail.{number}"));
    let for_now = ["tempfail-1", "closing-1", "datafail-1", "drop-1"];
    sign_up(&client, &recipients, poison()).await;
    sign_up(&client, &recipients, for_now.map(|name| format!("{name}.ann"))).await;
    sign_up(&client, &recipients, ["datareject.ann", "bob"].map(str::to_owned)).await;
    // Long before anything is tried again.
    until("the good one came", || recipients.reached().contains(&"bob".to_owned())).await;
    let tried_again = "outbox_mails where attempts > 1";
    assert_eq!(environment.count(tried_again), 0, "a bad one held it up");
    let parked = "gatewright_outbox_mails{state=\"parked\"} 9";
    until("the refused are set aside", || {
        environment.count("outbox_mails where parked_at is not null") == 9
    })
    .await;
    let metrics = client.get("/metrics").await.expect(200);
    assert!(metrics.text.lines().any(|line| line == parked), "{}", metrics.text);

    let waiting = "outbox_mails where due_at is not null";
    until("the others came", || environment.count(waiting) == 0).await;
    // `drop` takes the mail before it hangs up: nobody can know that, and it comes twice.
    let mut reached = recipients.reached();
    reached.dedup();
    assert_eq!(
        reached,
        ["bob", "closing-1.ann", "datafail-1.ann", "drop-1.ann", "tempfail-1.ann"]
    );
    for name in poison() {
        assert_eq!(recipients.asked_about(&name).len(), 1, "{name} was tried again");
    }
}

#[tokio::test]
async fn f15_a_mail_server_that_hangs_at_one_recipient_holds_up_no_other() {
    let recipients = Recipients::of("f15-hang");
    // It hangs for longer than this test takes.
    let server = Server::with(&[("SMTP_URL", &mail_server()), ("SMTP_TIMEOUT", "60s")]);
    let client = server.client();
    sign_up(&client, &recipients, ["hang.ann".to_owned()]).await;
    until("it hangs", || recipients.asked_about("hang.ann").len() == 1).await;
    let begun = Instant::now();
    for number in 0..6 {
        let name = format!("bob{number}");
        sign_up(&client, &recipients, [name.clone()]).await;
        until("the next one came", || recipients.reached().contains(&name)).await;
    }
    assert!(begun.elapsed() < PATIENCE / 2, "{:?}", begun.elapsed());
    assert_eq!(server.environment().count("outbox_mails where due_at is not null"), 1);
}

/// Two servers and two schedulers over one outbox.
async fn each_mail_is_sent_once(scheduler: &str) {
    if !only_on(&[Set::Replicas], "it is about two servers") {
        return;
    }
    let recipients = Recipients::of(&format!("f16-{scheduler}"));
    let mail_server = mail_server();
    let settings = [
        ("SMTP_URL", mail_server.as_str()),
        ("SCHEDULER", scheduler),
        ("RATE_LIMITS", "off"),
    ];
    let environment = Arc::new(Environment::new(&settings));
    let mut server = Server::start_in(Arc::clone(&environment));
    let schedulers = [(); 2].map(|()| Scheduler::start_in(&environment));
    let names: Vec<String> = (0..100).map(|number| format!("person{number:02}")).collect();
    let mut sign_ups = JoinSet::new();
    for part in names.chunks(25) {
        let addresses: Vec<String> = part.iter().map(|name| recipients.named(name)).collect();
        let client = server.client();
        sign_ups.spawn(async move {
            for address in addresses {
                client.sign_up(&address, PASSWORD).await;
            }
        });
    }
    sign_ups.join_all().await;
    let unsent = "outbox_mails where sent_at is null";
    until("all are sent", || environment.count(unsent) == 0).await;
    // Whoever sends something now still does before its end.
    for scheduler in schedulers {
        assert!(scheduler.stop().0.success());
    }
    server.terminate();
    assert!(server.wait().success());
    let mut expected = names;
    expected.sort();
    assert_eq!(recipients.reached(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_servers_and_schedulers_send_each_mail_once_where_schedulers_do_it() {
    each_mail_is_sent_once("external").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_servers_and_schedulers_send_each_mail_once_where_all_do_it() {
    each_mail_is_sent_once("embedded").await;
}

#[tokio::test]
async fn f34_a_name_that_does_not_resolve_is_a_mail_server_that_is_away() {
    let server = Server::with(&[("SMTP_URL", "smtp://nowhere.invalid:25?tls=none")]);
    let client = server.client();
    for number in 0..10 {
        let begun = Instant::now();
        client.sign_up(&format!("person{number}@example.org"), PASSWORD).await;
        client.get("/health/live").await.expect(200);
        assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    }
    let tried = "outbox_mails where attempts > 0 and last_error is not null";
    until("one was tried", || server.environment().count(tried) > 0).await;
    until_ready_says(&server, "degraded", "unavailable").await;
}

#[tokio::test]
async fn r58_mails_leave_by_tls_and_after_a_login() {
    let recipients = Recipients::of("r58");
    let (user, password) = (exported("USER"), exported("PASSWORD").replace(' ', "%20"));
    let url = |listener| format!("smtp://{user}:{password}@{}?tls=starttls", exported(listener));
    let settings = [("SMTP_URL", url("STARTTLS")), ("TLS_CA_FILE", exported("CA"))];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let server = Server::with(&settings);
    let ann = recipients.named("ann");
    server.client().sign_up(&ann, PASSWORD).await;
    let mail = Mailbox::of_mail_server().wait_for(&ann, 1);
    assert!(mail.raw.contains("X-Tls: TLSv1.3\r\n"), "{}", mail.raw);
    let account = format!("X-Authenticated-As: {user}\r\n");
    assert!(mail.raw.contains(&account), "{}", mail.raw);
    until_ready_says(&server, "ok", "ok").await;
}
