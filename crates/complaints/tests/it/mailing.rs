//! Mail that leaves by itself, to a real server.

use complaints_contract::{Complaint, ComplaintMessage, MailReceipt, MessageState};
use database::on;
use diesel_async::RunQueryDsl;
use mail_parser::MessageParser;
use serde_json::json;
use testkit::{App, Client, TestBus, TestDb, both, eventually};
use wire::Page;

use crate::mail_server::MailServer;
use crate::support::{LEAD, PATH, grievance, open, step, with};

async fn start(db: TestDb, server: &MailServer) -> (App, Client) {
    let url = format!("smtp://user:secret@{}", server.address);
    let app = App::start_with(&complaints::SERVICE, db, TestBus::local().await, |settings| {
        settings.extra.insert("mail_url".to_owned(), url);
        settings.extra.insert("mail_from".to_owned(), "客户服务 <service@example.com>".to_owned());
        settings.extra.insert("portal_url".to_owned(), "https://crm.example.com".to_owned());
    })
    .await;
    let client = app.client(LEAD);
    (app, client)
}

async fn written_to(client: &Client, email: &str, more: serde_json::Value) -> Complaint {
    let complainant = json!({"name": "王\n芳", "email": email, "preferred_channel": "email"});
    open(client, &with(grievance(), with(json!({"complainant": complainant, "language": "zh-CN"}), more))).await
}

async fn messages(client: &Client, complaint: &str) -> Vec<ComplaintMessage> {
    client.get(&format!("{PATH}/{complaint}/messages")).await.read::<Page<ComplaintMessage>>(200).items
}

/// The only message of a complaint, once it is in this state.
async fn once(client: &Client, complaint: &Complaint, state: MessageState) -> ComplaintMessage {
    eventually(async || {
        let message = messages(client, &complaint.number).await.pop().ok_or(None)?;
        if message.state == state { Ok(message) } else { Err(Some(message)) }
    })
    .await
}

async fn pauses_are_over(app: &App) {
    let mut tx = app.db.begin().await.expect("a transaction");
    let over = "UPDATE messages SET available_at = created_at WHERE available_at IS NOT NULL";
    on!(tx, |c| diesel::sql_query(over).execute(c).await).expect("changed");
    tx.commit().await.expect("a commit");
}

both! {
    async fn what_customers_are_told_leaves_by_mail(db: TestDb) {
        let server = MailServer::start("secret").await;
        let (_app, client) = start(db, &server).await;
        let complaint = written_to(&client, "wang@example.com", json!({"subject": "基站退服 <b>"})).await;
        let message = once(&client, &complaint, MessageState::Sent).await;
        assert_eq!((message.attempts, message.failure), (1, None));

        let sent = server.sent();
        let [sent] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!(sent.to, ["wang@example.com"]);
        let mail = MessageParser::default().parse(&sent.raw).expect("a mail");
        let header = |name: &str| mail.header_raw(name).map(str::trim).unwrap_or_default().to_owned();
        assert_eq!(mail.subject(), Some(format!("[{}] 我们已收到您的投诉", complaint.number).as_str()));
        let from = mail.from().and_then(|from| from.first()).expect("a sender");
        assert_eq!((from.name(), from.address()), (Some("客户服务"), Some("service@example.com")));
        assert_eq!(mail.to().and_then(|to| to.first()).and_then(|to| to.name()), Some("王 芳"));
        assert_eq!(mail.message_id(), Some(format!("guanxi.{}.{}@example.com", complaint.number, message.id).as_str()));
        assert_eq!(header("References"), format!("<guanxi.{}@example.com>", complaint.number));
        assert_eq!((header("Auto-Submitted"), header("Content-Language")), ("auto-generated".into(), "zh-CN".into()));
        let text = mail.body_text(0).expect("a text");
        assert!(text.contains("我们已收到您关于“基站退服 <b>”的投诉"), "{text}");
        let html = mail.body_html(0).expect("a page");
        assert!(html.contains("基站退服 &lt;b&gt;"), "{html}");

        // Were it sent back to us, nobody would answer it.
        let request = client.request(reqwest::Method::POST, &format!("{PATH}/mail"));
        let back = request.header("content-type", "message/rfc822").body(sent.raw.clone());
        let receipt: MailReceipt = client.send(back).await.read(200);
        assert_eq!(receipt.reason.map(|reason| reason.as_str()), Some("own"));
    }

    async fn a_mail_is_answered_in_its_thread_and_asked_to_rate(db: TestDb) {
        let server = MailServer::start("secret").await;
        let (_app, client) = start(db, &server).await;
        let raw = "Message-ID: <7@example.com>\r\nFrom: Wang Fang <wang@example.com>\r\nSubject: Line down\r\n\r\nSince today.\r\n";
        let request = client.request(reqwest::Method::POST, &format!("{PATH}/mail"));
        let receipt: MailReceipt =
            client.send(request.header("content-type", "message/rfc822").body(raw)).await.read(201);
        let number = receipt.number.expect("a number");
        let complaint: Complaint = client.get(&format!("{PATH}/{number}")).await.read(200);
        for how in ["responses", "acceptance", "resolution", "closure"] {
            step(&client, &complaint, how).await.expect(200);
        }
        let told = eventually(async || {
            let told = messages(&client, &number).await;
            if told.iter().all(|message| message.state == MessageState::Sent) { Ok(told) } else { Err(told) }
        })
        .await;
        let sent = server.sent();
        assert_eq!((told.len(), sent.len()), (4, 4), "{told:?}");
        for sent in &sent {
            let mail = MessageParser::default().parse(&sent.raw).expect("a mail");
            assert_eq!(mail.header_raw("In-Reply-To").map(str::trim), Some("<7@example.com>"));
            let references = mail.header_raw("References").map(str::trim);
            assert_eq!(references, Some(format!("<7@example.com> <guanxi.{number}@example.com>").as_str()));
        }
        let closed = MessageParser::default().parse(&sent[3].raw).expect("a mail");
        let text = closed.body_text(0).expect("a text");
        assert!(text.contains("https://crm.example.com/api/v1/portal/rating#"), "{text}");
    }

    async fn what_a_server_refuses_has_failed_until_somebody_has_it_tried_again(db: TestDb) {
        let server = MailServer::start("secret").await;
        let (_app, client) = start(db, &server).await;
        let unknown = written_to(&client, "unknown@example.com", json!({})).await;
        let failed = once(&client, &unknown, MessageState::Failed).await;
        assert_eq!((failed.attempts, failed.failure.as_deref()), (1, Some("permanent error (550): Mailbox unavailable")));
        let unlikely = written_to(&client, "wang..fang@example.com", json!({})).await;
        let why = once(&client, &unlikely, MessageState::Failed).await.failure;
        assert_eq!(why.as_deref(), Some("mail cannot be sent to this address"));
        let nobody = open(&client, &with(grievance(), json!({"channel": "email"}))).await;
        let why = once(&client, &nobody, MessageState::Failed).await.failure;
        assert_eq!(why.as_deref(), Some("no address is known"));
        assert!(server.sent().is_empty());

        server.gets_to_know_all();
        let retry = format!("/api/v1/complaint-messages/{}/retry", failed.id);
        let queued: ComplaintMessage = client.post(&retry, &json!({})).await.read(200);
        assert_eq!((queued.state, queued.attempts, queued.failure), (MessageState::Queued, 0, None));
        assert_eq!(once(&client, &unknown, MessageState::Sent).await.attempts, 1);
        assert_eq!(client.post(&retry, &json!({})).await.problem(), (409, "message-not-failed"));
        let none = format!("/api/v1/complaint-messages/{}/retry", uuid::Uuid::now_v7());
        assert_eq!(client.post(&none, &json!({})).await.problem(), (404, "message-not-found"));
    }

    async fn what_a_server_puts_off_is_tried_again(db: TestDb) {
        let server = MailServer::start("secret").await;
        let (app, client) = start(db, &server).await;
        let busy = written_to(&client, "busy@example.com", json!({})).await;
        let waits = eventually(async || {
            let message = messages(&client, &busy.number).await.pop().ok_or(None)?;
            if message.failure.is_some() { Ok(message) } else { Err(Some(message)) }
        })
        .await;
        assert_eq!((waits.state, waits.attempts), (MessageState::Queued, 1));
        // The pause is over, and somebody else is told something.
        pauses_are_over(&app).await;
        let other = written_to(&client, "wang@example.com", json!({})).await;
        assert_eq!(once(&client, &busy, MessageState::Sent).await.attempts, 2);
        once(&client, &other, MessageState::Sent).await;
    }

    async fn what_is_the_servers_fault_counts_against_no_message(db: TestDb) {
        let server = MailServer::start("secret").await;
        let (app, client) = start(db, &server).await;
        let complaint = written_to(&client, "closing@example.com", json!({})).await;
        eventually(async || if server.has_closed() { Ok(()) } else { Err("not asked yet") }).await;
        let waits = once(&client, &complaint, MessageState::Queued).await;
        assert_eq!((waits.attempts, waits.failure), (0, None));
        pauses_are_over(&app).await;
        assert_eq!(once(&client, &complaint, MessageState::Sent).await.attempts, 1);
    }

    async fn while_no_server_lets_us_in_messages_wait(db: TestDb) {
        let server = MailServer::start("another").await;
        let (_app, client) = start(db, &server).await;
        let complaint = written_to(&client, "wang@example.com", json!({})).await;
        eventually(async || if server.refused() > 0 { Ok(()) } else { Err("not asked yet") }).await;
        let waits = once(&client, &complaint, MessageState::Queued).await;
        assert_eq!((waits.attempts, waits.failure), (0, None));
        server.takes("secret");
        assert_eq!(once(&client, &complaint, MessageState::Sent).await.attempts, 1);
        assert_eq!(server.sent().len(), 1);
    }
}
