//! Sends what customers are told by mail, where a mail server is named. It claims messages as anyone else does who brings them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use chassis::rounds::{Left, after_commits};
use chassis::{Context, Key};
use chrono::{DateTime, Utc};
use complaints_contract::{Channel, ClaimedMessage, DeliveryOutcome, NewDelivery, NewMessageClaim};
use database::Db;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use messaging::Act;
use tokio::time::timeout;
use url::Url;

use crate::domain::own_mail;
use crate::error::Error;
use crate::{commands, portal};

pub const KEYS: [Key; 2] = [
    Key::optional(
        "mail_url",
        "the server that sends mail, such as smtps://user:password@host or smtp://host:587?tls=required; without it mail \
         waits for whoever claims it",
    )
    .secret(),
    Key::optional("mail_from", "whom mail comes from and answers go to, such as Service <service@example.com>"),
];

/// How long what another replica's commit asks for may wait, and a server that does not answer.
const POLL: Duration = Duration::from_secs(15);
/// For a server to answer at all …
const GREETING: Duration = Duration::from_secs(30);
/// … and to take a mail, for whose last byte alone a server may need ten minutes (RFC 5321). By itself lettre waits to be
/// connected and no longer, and for ever after that.
const DELIVERY: Duration = Duration::from_secs(12 * 60);
/// Longer than both and the reports: a mail that is being sent is nobody else's.
const LEASE_SECONDS: i64 = 15 * 60;
/// Tries to say what became of a mail, a second apart: not said, it would be sent again.
const REPORTS: u32 = 60;

/// How mail leaves.
struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// For a server to answer.
    patience: Duration,
    /// Whether it has just taken a mail: then it need not be asked before the next.
    is_there: AtomicBool,
}

/// What became of a mail.
enum Fate {
    Reported(NewDelivery),
    /// Nothing that is its own fault: it waits for a server that takes mail.
    Returned(u16),
}

/// Why there is no word of a message.
#[derive(Debug, thiserror::Error)]
enum NotSent {
    /// Of the conversation before any mail: it names no customer.
    #[error("the mail server cannot be used: {0}")]
    NotMet(String),
    #[error("the mail server takes no mail now: it answered {0}")]
    NotTaken(u16),
    #[error("the mail server does not answer")]
    Silent,
    #[error(transparent)]
    Ours(#[from] Error),
}

impl From<database::Error> for NotSent {
    fn from(error: database::Error) -> Self {
        Self::Ours(error.into())
    }
}

/// Says what is wrong with the settings, never with what in a secret.
pub fn mistakes(settings: &BTreeMap<String, String>) -> Vec<String> {
    parse(settings).err().unwrap_or_default()
}

fn parse(settings: &BTreeMap<String, String>) -> Result<Option<(AsyncSmtpTransportBuilder, Mailbox)>, Vec<String>> {
    let [url, from] = KEYS.map(|key| settings.get(key.name));
    let (url, from) = match (url, from) {
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(vec!["mail_url needs mail_from, whom mail comes from".to_owned()]),
        (None, Some(_)) => return Err(vec!["mail_from needs mail_url, the server that sends mail".to_owned()]),
        (Some(url), Some(from)) => (server(url), from.parse::<Mailbox>()),
    };
    let from = from.map_err(|_| "mail_from must be an address such as Service <service@example.com>".to_owned());
    match (url, from) {
        (Ok(server), Ok(from)) => Ok(Some((server, from))),
        (url, from) => Err([url.err(), from.err()].into_iter().flatten().collect()),
    }
}

fn server(url: &str) -> Result<AsyncSmtpTransportBuilder, String> {
    let form = || "mail_url must be smtps://user:password@host or smtp://host:587?tls=required".to_owned();
    let parsed = Url::parse(url).map_err(|_| form())?;
    let tls = parsed.query_pairs().find(|(name, _)| name == "tls");
    let sealed = parsed.scheme() == "smtps" || tls.is_some_and(|(_, how)| how == "required");
    let here = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1"));
    match parsed.password() {
        None if !parsed.username().is_empty() => return Err("mail_url has a user without a password".to_owned()),
        Some(_) if !sealed && !here => {
            return Err(
                "mail_url has a password, which only smtps:// or ?tls=required keeps secret on its way".to_owned()
            );
        }
        None | Some(_) => {}
    }
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| form())
}

/// Sends mail as it is queued, until the service stops; nothing where no server is named.
pub fn sending(context: Context) -> BoxFuture<'static, ()> {
    async move {
        let Ok(Some((server, from))) = parse(&context.settings.extra) else { return };
        let transport = server.timeout(Some(GREETING)).build();
        let mailer = Arc::new(Mailer { transport, from, patience: GREETING, is_there: AtomicBool::new(false) });
        let page = portal::rating_page(&context);
        after_commits(context, POLL, "sending mail", move |db, now| {
            let (mailer, page) = (mailer.clone(), page.clone());
            async move { mailer.send_next(db, page.as_deref(), now).await }.boxed()
        })
        .await;
    }
    .boxed()
}

impl Mailer {
    /// Sends the mail that waits longest. While the server does not answer none is claimed, and so none loses an attempt.
    async fn send_next(&self, db: &Db, page: Option<&str>, now: DateTime<Utc>) -> Result<Left, NotSent> {
        match commands::next_message(db, Channel::Email).await? {
            None => return Ok(Left::Nothing),
            Some(next) if next > now => return Ok(Left::NothingBefore(next)),
            Some(_) => {}
        }
        self.meet().await?;
        let claim = NewMessageClaim { channel: Channel::Email, limit: Some(1), lease_seconds: Some(LEASE_SECONDS) };
        let act = Act::system(wire::truncate(Utc::now()));
        let claimed = commands::claim_messages(db, &act, page, &claim).await?.messages;
        let left = if claimed.is_empty() { Left::NothingBefore(now) } else { Left::Something };
        for message in claimed {
            match self.send(&message).await {
                Fate::Reported(report) => say(db, &message, &report).await?,
                Fate::Returned(code) => {
                    commands::return_message(db, &act, &message.message).await?;
                    return Err(NotSent::NotTaken(code));
                }
            }
        }
        Ok(left)
    }

    /// Sees whether the server is there and lets us in.
    async fn meet(&self) -> Result<(), NotSent> {
        if self.is_there.load(Relaxed) {
            return Ok(());
        }
        match timeout(self.patience, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Err(error)) => Err(NotSent::NotMet(error.to_string())),
            Ok(Ok(false)) | Err(_) => Err(NotSent::Silent),
        }
    }

    async fn send(&self, claimed: &ClaimedMessage) -> Fate {
        let report = |outcome, failure, retry| {
            Fate::Reported(NewDelivery {
                outcome,
                failure,
                retry: Some(retry).filter(|_| outcome == DeliveryOutcome::Failed),
                attempts: Some(claimed.message.attempts),
            })
        };
        let failed = |why: &str, retry| report(DeliveryOutcome::Failed, Some(why.to_owned()), retry);
        let Some(address) = &claimed.address else { return failed("no address is known", false) };
        let Ok(address) = address.parse() else { return failed("mail cannot be sent to this address", false) };
        let mail = match self.write(claimed, address) {
            Ok(mail) => mail,
            Err(error) => return failed(&error.to_string(), false),
        };
        let sent = timeout(DELIVERY, self.transport.send(mail)).await;
        self.is_there.store(matches!(sent, Ok(Ok(_))), Relaxed);
        match sent {
            Ok(Ok(_)) => report(DeliveryOutcome::Sent, None, false),
            Ok(Err(error)) => match error.status().map(u16::from) {
                Some(code) if is_of_the_server(code) => Fate::Returned(code),
                Some(_) | None => failed(&error.to_string(), !error.is_permanent()),
            },
            Err(_) => failed("the mail server took too long", true),
        }
    }

    /// The mail (RFC 5322). Its ids and headers say that it is ours and that no program is to answer it (RFC 3834), and join
    /// it to the others about the complaint.
    fn write(&self, claimed: &ClaimedMessage, to: Address) -> Result<Message, lettre::error::Error> {
        let ClaimedMessage { message, number, .. } = claimed;
        let host = self.from.email.domain();
        let thread = format!("<{}>", own_mail(number, None, host));
        let cause = claimed.in_reply_to.as_ref().map(|id| format!("<{id}>"));
        let references = cause.iter().chain([&thread]).map(String::as_str).collect::<Vec<_>>().join(" ");
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.clone()])?;
        let mut mail = Message::builder()
            .envelope(envelope)
            .message_id(Some(format!("<{}>", own_mail(number, Some(message.id), host))))
            .date_now()
            .from(self.from.clone())
            .to(Mailbox::new(claimed.name.as_deref().map(in_one_line), to))
            .references(references)
            .subject(&message.subject)
            .raw_header(plain("Auto-Submitted", "auto-generated"))
            .raw_header(plain("X-Auto-Response-Suppress", "All"))
            .raw_header(plain("Content-Language", &message.language));
        if let Some(cause) = cause {
            mail = mail.in_reply_to(cause);
        }
        let text = message.body.clone().unwrap_or_default();
        match &message.html {
            Some(html) => mail.multipart(MultiPart::alternative_plain_html(text, html.clone())),
            None => mail.singlepart(SinglePart::plain(text)),
        }
    }
}

/// Whether the server refuses us and not the mail: it closes, or wants another login (RFC 5321, RFC 4954).
const fn is_of_the_server(code: u16) -> bool {
    matches!(code, 421 | 530 | 534 | 535 | 538)
}

/// Says what became of a mail, again while the database cannot be had.
async fn say(db: &Db, claimed: &ClaimedMessage, report: &NewDelivery) -> Result<(), Error> {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    let mut tries = 0;
    loop {
        seconds.tick().await;
        tries += 1;
        let act = Act::system(wire::truncate(Utc::now()));
        match commands::report_delivery(db, &act, claimed.message.id, report.clone()).await {
            Err(Error::Database(error)) if error.passes() && tries < REPORTS => {}
            Err(error) => return Err(error),
            Ok(_) => return Ok(()),
        }
    }
}

/// A name as it stands in a header: whoever complains may write line breaks into it.
fn in_one_line(name: &str) -> String {
    let words = name.split(|letter: char| letter.is_whitespace() || letter.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn plain(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_and_a_sender_or_neither() {
        let sender = "Service <service@example.com>";
        let named = "mail_from must be an address such as Service <service@example.com>";
        let form = "mail_url must be smtps://user:password@host or smtp://host:587?tls=required";
        let open = "mail_url has a password, which only smtps:// or ?tls=required keeps secret on its way";
        let table: [(Option<&str>, Option<&str>, &[&str]); 15] = [
            (None, None, &[]),
            (Some("smtps://us%40er:pass@mail.example.com"), Some(sender), &[]),
            (Some("smtp://mail.example.com"), Some("service@example.com"), &[]),
            (Some("smtp://user:pass@mail.example.com:587?tls=required"), Some(sender), &[]),
            (Some("smtp://user:pass@127.0.0.1:2525"), Some(sender), &[]),
            (Some("smtp://user:hunter2@mail.example.com"), Some(sender), &[open]),
            (Some("smtp://user:hunter2@mail.example.com?tls=opportunistic"), Some(sender), &[open]),
            (Some("smtp://user:hunter2@mail.example.com?tls=opportunistic&tls=required"), Some(sender), &[open]),
            (Some("smtps://user@mail.example.com"), Some(sender), &["mail_url has a user without a password"]),
            (Some("smtp://[::1]"), Some(sender), &[]),
            (Some("https://mail.example.com"), Some(sender), &[form]),
            (Some("mail.example.com"), Some("service"), &[form, named]),
            (Some("smtp://mail.example.com"), Some("a@b.com\r\nBcc: x@y.com"), &[named]),
            (Some("smtp://mail.example.com"), None, &["mail_url needs mail_from, whom mail comes from"]),
            (None, Some(sender), &["mail_from needs mail_url, the server that sends mail"]),
        ];
        for (url, from, expected) in table {
            let given = [("mail_url", url), ("mail_from", from)].into_iter();
            let settings = given.filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect();
            assert_eq!(mistakes(&settings), expected, "{url:?} {from:?}");
        }
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_is_not_waited_for() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("smtp://{}", silent.local_addr().expect("an address"));
        let from = "service@example.com".parse().expect("an address");
        let transport = server(&url).expect("a server").build();
        let mailer = Mailer { transport, from, patience: Duration::from_millis(20), is_there: AtomicBool::new(false) };
        assert!(matches!(mailer.meet().await, Err(NotSent::Silent)));
    }

    #[test]
    fn a_name_stands_in_one_line() {
        for (name, line) in [("王芳", "王芳"), (" Wang\r\nBcc: x@y.com\tFang ", "Wang Bcc: x@y.com Fang"), ("\n", "")]
        {
            assert_eq!(in_one_line(name), line);
        }
    }
}
