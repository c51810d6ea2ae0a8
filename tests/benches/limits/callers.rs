//! Who calls the API, and what of.

use crate::http_load::{Caller, Callers, get, post};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A session, with the tokens of its last answer.
#[derive(Clone)]
pub(crate) struct Session(Arc<Mutex<Tokens>>);

struct Tokens {
    refresh: String,
    access: String,
}

impl Session {
    /// Reads an answer that grants tokens.
    pub(crate) fn granted(body: &str) -> Self {
        Self(Arc::new(Mutex::new(Tokens::granted(body))))
    }

    /// The newest access token.
    pub(crate) fn access_token(&self) -> String {
        self.0.lock().unwrap().access.clone()
    }

    fn refresh_request(&self) -> Vec<u8> {
        let body = format!("{{\"refresh_token\":\"{}\"}}", self.0.lock().unwrap().refresh);
        post("/api/v1/auth/refresh", &body)
    }

    fn learn(&self, body: &str) {
        *self.0.lock().unwrap() = Tokens::granted(body);
    }
}

impl Tokens {
    fn granted(body: &str) -> Self {
        Self {
            refresh: text_of("refresh_token", body),
            access: text_of("access_token", body),
        }
    }
}

/// A member of a JSON answer whose text needs no escapes, without a parser: the client shares the server's cores.
fn text_of(name: &str, body: &str) -> String {
    let (_, rest) = body.split_once(&format!("\"{name}\":\"")).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// Asks the same over and over.
struct Always(Vec<u8>);

impl Caller for Always {
    fn next(&mut self) -> Option<Vec<u8>> {
        Some(self.0.clone())
    }
}

/// `count` callers who ask the same over and over.
pub(crate) fn always(request: &[u8], count: usize) -> Callers {
    boxed((0..count).map(|_| Always(request.to_vec())))
}

/// Refreshes one session over and over.
struct Refreshing {
    session: Session,
    /// Where every access token goes, if anywhere.
    granted: Option<Arc<Mutex<Vec<String>>>>,
}

impl Caller for Refreshing {
    fn next(&mut self) -> Option<Vec<u8>> {
        Some(self.session.refresh_request())
    }

    fn answered(&mut self, body: &str) {
        self.session.learn(body);
        if let Some(granted) = &self.granted {
            granted.lock().unwrap().push(self.session.access_token());
        }
    }
}

/// Each caller follows the refresh tokens of one session.
pub(crate) fn refreshing(sessions: &[Session]) -> Callers {
    let caller = |session: &Session| Refreshing {
        session: session.clone(),
        granted: None,
    };
    boxed(sessions.iter().map(caller))
}

/// The same, and every access token that is granted on the way, none of which was ever used.
pub(crate) fn refreshing_and_keeping(sessions: &[Session]) -> (Callers, Arc<Mutex<Vec<String>>>) {
    let granted = Arc::new(Mutex::new(Vec::new()));
    let caller = |session: &Session| Refreshing {
        session: session.clone(),
        granted: Some(Arc::clone(&granted)),
    };
    (boxed(sessions.iter().map(caller)), granted)
}

/// Takes requests from a list that callers share, until it is empty.
struct Sharing<Item> {
    items: Arc<[Item]>,
    turn: Arc<AtomicUsize>,
    current: Option<Item>,
    request: fn(&Item) -> Vec<u8>,
    answered: fn(&Item, &str),
}

impl<Item: Clone + Send + Sync> Caller for Sharing<Item> {
    fn next(&mut self) -> Option<Vec<u8>> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.current = self.items.get(turn).cloned();
        self.current.as_ref().map(self.request)
    }

    fn answered(&mut self, body: &str) {
        self.current.iter().for_each(|item| (self.answered)(item, body));
    }
}

fn sharing<Item: Clone + Send + Sync + 'static>(
    items: Vec<Item>,
    count: usize,
    request: fn(&Item) -> Vec<u8>,
    answered: fn(&Item, &str),
) -> Callers {
    let (items, turn) = (Arc::from(items), Arc::new(AtomicUsize::new(0)));
    boxed((0..count).map(|_| Sharing {
        items: Arc::clone(&items),
        turn: Arc::clone(&turn),
        current: None,
        request,
        answered,
    }))
}

/// `count` callers who between them refresh every session once.
pub(crate) fn refreshing_once(sessions: &[Session], count: usize) -> Callers {
    sharing(sessions.to_vec(), count, Session::refresh_request, Session::learn)
}

/// `count` callers who between them read the current user by every token once.
pub(crate) fn reading_once(tokens: Vec<String>, count: usize) -> Callers {
    sharing(tokens, count, |token| get("/api/v1/users/me", token), |_, _| {})
}

/// `count` callers who between them list the sessions once for every session's user.
pub(crate) fn listing_once(sessions: &[Session], count: usize) -> Callers {
    let request = |session: &Session| get("/api/v1/users/me/sessions", &session.access_token());
    sharing(sessions.to_vec(), count, request, |_, _| {})
}

/// `count` callers who between them send every request once.
pub(crate) fn sending_once(requests: Vec<Vec<u8>>, count: usize) -> Callers {
    sharing(requests, count, Clone::clone, |_, _| {})
}

/// Lists the sessions over and over, in each session's name in turn.
pub(crate) fn listing(sessions: &[Session]) -> Callers {
    let request = |session: &Session| get("/api/v1/users/me/sessions", &session.access_token());
    boxed(sessions.iter().map(|session| Always(request(session))))
}

/// Sends each of some requests once, and hands the sessions that they open to `opened`.
struct Opening {
    requests: Box<dyn Caller>,
    opened: Arc<Mutex<Vec<Session>>>,
}

impl Caller for Opening {
    fn next(&mut self) -> Option<Vec<u8>> {
        self.requests.next()
    }

    fn answered(&mut self, body: &str) {
        self.opened.lock().unwrap().push(Session::granted(body));
    }
}

/// `count` callers who between them send every request once, each of which opens a session.
pub(crate) fn opening(requests: Vec<Vec<u8>>, count: usize) -> (Callers, Arc<Mutex<Vec<Session>>>) {
    let opened = Arc::new(Mutex::new(Vec::new()));
    let opening = sending_once(requests, count).into_iter().map(|requests| Opening {
        requests,
        opened: Arc::clone(&opened),
    });
    (boxed(opening), opened)
}

fn boxed<C: Caller + 'static>(callers: impl Iterator<Item = C>) -> Callers {
    callers.map(|caller| Box::new(caller) as Box<dyn Caller>).collect()
}
