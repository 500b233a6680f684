use complaints_contract::v1::{COMPLAINT_ESCALATED, COMPLAINT_OPENED};
use complaints_contract::{
    Complaint, ComplaintAttachment, ComplaintAttachmentId, ComplaintAttachments, ComplaintEntry, Happening,
    MailReceipt, PortalAttachment, PortalComplaint, PortalReceipt, State,
};
use database::on;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use testkit::{Answer, App, Client, both};
use wire::Page;

use crate::attachments::{PNG, files, start as start_with_files};
use crate::support::{PATH, redact, start, start_quiet, step, with};

const PORTAL: &str = "/api/v1/portal/complaints";

fn complaint() -> Value {
    json!({
        "subject": "Line down",
        "description": "Since this morning.",
        "language": "en",
        "complainant": {"name": "Wang Fang", "email": "Wang@Example.com"},
    })
}

/// Without any token.
async fn post(app: &App, client: &Client, path: &str, secret: Option<&str>, body: &Value) -> Answer {
    let request = reqwest::Client::new().post(format!("{}{path}", app.url())).json(body);
    client.send(secret.iter().fold(request, |request, secret| request.header("X-Complaint-Secret", *secret))).await
}

async fn get(app: &App, client: &Client, number: &str, secret: &str) -> Answer {
    let request = reqwest::Client::new().get(format!("{}{PORTAL}/{number}", app.url()));
    client.send(request.header("X-Complaint-Secret", secret)).await
}

async fn complain(app: &App, client: &Client, body: &Value) -> PortalReceipt {
    let answer = post(app, client, PORTAL, None, body).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.read(201)
}

async fn attach(
    app: &App,
    client: &Client,
    receipt: &PortalReceipt,
    name: &str,
    content: impl Into<reqwest::Body>,
) -> Answer {
    let url = format!("{}{PORTAL}/{}/attachments", app.url(), receipt.number);
    let request = reqwest::Client::new().post(url).header("X-Complaint-Secret", receipt.secret.as_str());
    let request = request.header("content-type", "application/octet-stream").header("content-disposition", name);
    client.send(request.body(content)).await
}

fn download(app: &App, receipt: &PortalReceipt, id: ComplaintAttachmentId) -> reqwest::RequestBuilder {
    let url = format!("{}{PORTAL}/{}/attachments/{id}", app.url(), receipt.number);
    reqwest::Client::new().get(url).header("X-Complaint-Secret", receipt.secret.as_str())
}

/// More entries and messages than the portal shows, from before all others of the only complaint; their ids, too, come
/// first.
async fn add_a_past(app: &App) {
    const MESSAGES_ON_POSTGRES: &str = "INSERT INTO messages \
         (id, complaint_id, channel, language, subject, body, state, created_at, step, attempts, updated_at) \
         SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), id, 'email', 'en', 'News', 'News', 'sent', received_at, 'informed', 1, \
         received_at FROM complaints, generate_series(1, 600) AS numbers (n)";
    const MESSAGES_ON_SQLITE: &str = "WITH RECURSIVE numbers (n) AS \
         (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 600) INSERT INTO messages \
         (id, complaint_id, channel, language, subject, body, state, created_at, step, attempts, updated_at) \
         SELECT unhex(printf('%032x', n)), id, 'email', 'en', 'News', 'News', 'sent', received_at, 'informed', 1, received_at \
         FROM complaints, numbers";
    const POSTGRES: &str = "INSERT INTO history (id, complaint_id, seq, what, to_state, at, recorded_at, actor, fields) \
         SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), id, -n, 'informed', 'received', received_at, received_at, 'system', '' \
         FROM complaints, generate_series(1, 600) AS numbers (n)";
    const SQLITE: &str = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 600) \
         INSERT INTO history (id, complaint_id, seq, what, to_state, at, recorded_at, actor, fields) \
         SELECT unhex(printf('%032x', n)), id, -n, 'informed', 'received', received_at, received_at, 'system', '' \
         FROM complaints, numbers";
    let mut tx = app.db.begin().await.expect("a transaction");
    for (postgres, sqlite) in [(POSTGRES, SQLITE), (MESSAGES_ON_POSTGRES, MESSAGES_ON_SQLITE)] {
        on!(
            tx,
            pg: |c| diesel::sql_query(postgres).execute(c).await,
            lite: |c| diesel::sql_query(sqlite).execute(c).await,
        )
        .expect("a past");
    }
    tx.commit().await.expect("a commit");
}

both! {
    async fn whoever_complains_follows_it_with_number_and_secret(db: TestDb) {
        let (app, client) = start(db).await;
        let receipt = complain(&app, &client, &complaint()).await;
        let inside = format!("{PATH}/{}", receipt.number);
        let kept: Complaint = client.get(&inside).await.read(200);
        assert_eq!(kept.complainant.as_ref().and_then(|who| who.email.as_deref()), Some("wang@example.com"));
        step(&client, &kept, "responses").await.expect(200);

        let seen = get(&app, &client, &receipt.number, &receipt.secret).await.expect(200);
        let seen = seen.to_string().replace(&receipt.number, "[number]");
        insta::assert_json_snapshot!(redact(seen.parse().expect("JSON")), @r#"
        {
          "allowed": [
            "accept",
            "escalate",
            "withdraw",
            "hear"
          ],
          "attachments": [],
          "entries": [
            {
              "at": "[time]",
              "said": null,
              "to": "received",
              "told": null,
              "what": "opened"
            },
            {
              "at": "[time]",
              "said": null,
              "to": "responded",
              "told": "We have found the cause.",
              "what": "responded"
            }
          ],
          "messages": [
            {
              "body": "Hello,\n\nwe have received your complaint about \"Line down\". Its number is [number]. We will look into it and tell you how it goes.\n\nTo add anything, reply and keep the number [number] in the subject.\n",
              "created_at": "[time]",
              "step": "opened",
              "subject": "[[number]] We have received your complaint"
            },
            {
              "body": "Hello,\n\nthis is our answer to your complaint about \"Line down\":\n\nWe have found the cause.\n\nTo add anything, reply and keep the number [number] in the subject.\n",
              "created_at": "[time]",
              "step": "responded",
              "subject": "[[number]] Our answer to your complaint"
            }
          ],
          "number": "[number]",
          "received_at": "[time]",
          "resolution": null,
          "state": "responded",
          "subject": "Line down"
        }
        "#);
        let messages = client.get(&format!("{inside}/messages")).await.expect(200);
        assert_eq!(messages["items"][0]["subject"], format!("[{}] We have received your complaint", receipt.number));
        assert_eq!((&messages["items"][0]["channel"], &messages["items"][0]["state"]), (&json!("email"), &json!("queued")));
    }

    async fn of_a_long_history_the_newest_is_shown(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let receipt = complain(&app, &client, &complaint()).await;
        let inside: Complaint = client.get(&format!("{PATH}/{}", receipt.number)).await.read(200);
        step(&client, &inside, "responses").await.expect(200);
        add_a_past(&app).await;
        let seen: PortalComplaint = get(&app, &client, &receipt.number, &receipt.secret).await.read(200);
        let newest: Vec<_> = seen.entries.iter().rev().take(3).map(|entry| entry.what).collect();
        assert_eq!(newest, [Happening::Responded, Happening::Opened, Happening::Informed]);
        assert_eq!(seen.entries[seen.entries.len() - 1].told.as_deref(), Some("We have found the cause."));
        let newest: Vec<_> = seen.messages.iter().rev().take(3).map(|message| message.step).collect();
        assert_eq!(newest, [Happening::Responded, Happening::Opened, Happening::Informed]);
        assert_eq!(seen.messages.len(), 100);
    }

    async fn what_was_written_at_each_step_is_read_again_without_the_link(db: TestDb) {
        let (app, client) = start(db).await;
        let without_address = json!({"subject": "Line down", "description": "Since this morning.", "language": "en"});
        for body in [complaint(), without_address] {
            let receipt = complain(&app, &client, &body).await;
            let inside: Complaint = client.get(&format!("{PATH}/{}", receipt.number)).await.read(200);
            for how in ["responses", "acceptance", "resolution", "closure"] {
                step(&client, &inside, how).await.expect(200);
            }
            let seen: PortalComplaint = get(&app, &client, &receipt.number, &receipt.secret).await.read(200);
            let steps: Vec<_> = seen.messages.iter().map(|message| message.step).collect();
            assert_eq!(steps, [Happening::Opened, Happening::Responded, Happening::Resolved, Happening::Closed]);
            let closed = &seen.messages[3];
            assert_eq!(closed.subject, format!("[{}] Your complaint is closed", receipt.number));
            assert!(closed.body.contains("\nWhat was done: Card replaced\n"), "{}", closed.body);
            assert!(!closed.body.contains("How were you treated"), "{}", closed.body);
        }
    }

    async fn whoever_complains_adds_files_and_sees_no_others(db: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let (app, client) = start_with_files(db, folder.path()).await;
        let receipt = complain(&app, &client, &complaint()).await;
        let name = "attachment; filename*=UTF-8''..%2F%E7%85%A7%E7%89%87.png";
        let kept = attach(&app, &client, &receipt, name, PNG).await;
        assert_eq!(kept.header("cache-control"), Some("no-store"));
        insta::assert_json_snapshot!(redact(kept.clone().expect(201)), @r#"
        {
          "at": "[time]",
          "id": "[id]",
          "media_type": "image/png",
          "name": "照片.png",
          "size": 33
        }
        "#);
        let kept: PortalAttachment = kept.read(201);
        let inside = format!("{PATH}/{}/attachments", receipt.number);
        let request = client.request(reqwest::Method::POST, &inside).header("content-type", "application/octet-stream");
        let internal: ComplaintAttachment = client.send(request.body("For ourselves.")).await.read(201);

        let seen: PortalComplaint = get(&app, &client, &receipt.number, &receipt.secret).await.read(200);
        assert_eq!(seen.attachments, std::slice::from_ref(&kept));
        let all: ComplaintAttachments = client.get(&inside).await.read(200);
        let all: Vec<_> = all.items.iter().map(|file| (file.id, file.by.as_str(), file.from_complainant)).collect();
        assert_eq!(all, [(kept.id, "complainant", true), (internal.id, internal.by.as_str(), false)]);

        let response = download(&app, &receipt, kept.id).send().await.expect("an answer");
        for (name, value) in [
            ("content-type", "image/png"),
            ("content-disposition", "attachment; filename*=UTF-8''%E7%85%A7%E7%89%87.png"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("cache-control", "private, no-store"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        assert_eq!(response.bytes().await.expect("the file"), PNG);
        let other = complain(&app, &client, &complaint()).await;
        let guess = PortalReceipt { secret: "guess".to_owned(), ..receipt.clone() };
        for (receipt, id, code) in [
            (&receipt, internal.id, "attachment-not-found"),
            (&other, kept.id, "attachment-not-found"),
            (&guess, kept.id, "portal-complaint-not-found"),
        ] {
            assert_eq!(client.send(download(&app, receipt, id)).await.problem(), (404, code));
        }
    }

    async fn files_without_a_login_are_checked_as_all_others(db: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let (app, client) = start_with_files(db, folder.path()).await;
        let receipt = complain(&app, &client, &complaint()).await;
        for (content, status, code) in [
            ([PNG, &vec![0; 100_000]].concat(), 413, "attachment-too-large"),
            (b"MZ\x90\x00program".to_vec(), 415, "attachment-type-not-allowed"),
            (vec![], 422, "attachment-empty"),
        ] {
            assert_eq!(attach(&app, &client, &receipt, "attachment", content).await.problem(), (status, code));
        }
        let path = format!("{PORTAL}/{}/attachments", receipt.number);
        let typed = post(&app, &client, &path, Some(&receipt.secret), &json!({})).await;
        assert_eq!(typed.problem(), (415, "media-type-unsupported"));
        let guess = PortalReceipt { secret: "guess".to_owned(), ..receipt.clone() };
        let stranger = attach(&app, &client, &guess, "attachment", PNG).await;
        assert_eq!(stranger.problem(), (404, "portal-complaint-not-found"));
        assert_eq!(files(folder.path()), 0);

        let withdrawal = format!("{PORTAL}/{}/withdrawal", receipt.number);
        post(&app, &client, &withdrawal, Some(&receipt.secret), &json!({"message": "Never mind."})).await.expect(200);
        for _ in 0..3 {
            attach(&app, &client, &receipt, "attachment", PNG).await.expect(201);
        }
        assert_eq!(attach(&app, &client, &receipt, "attachment", PNG).await.problem(), (409, "attachments-full"));
        assert_eq!(files(folder.path()), 3);
    }

    async fn of_files_in_mails_those_from_the_known_address_are_seen(db: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let (app, client) = start_with_files(db, folder.path()).await;
        let receipt = complain(&app, &client, &complaint()).await;
        for (sender, content) in [("Wang@example.com", "b25l"), ("li.wei@example.com", "dHdv")] {
            let mail = format!(
                "Message-ID: <{content}@example.com>\r\nFrom: {sender}\r\nSubject: Re: [{}] Line down\r\n\
                 MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file.\r\n\
                 --b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
                 Content-Disposition: attachment; filename=\"{content}.txt\"\r\n\r\n{content}\r\n--b--\r\n",
                receipt.number
            );
            let request = client.request(reqwest::Method::POST, &format!("{PATH}/mail"));
            let request = request.header("content-type", "message/rfc822").body(mail);
            let joined: MailReceipt = client.send(request).await.read(200);
            assert_eq!((joined.number.as_ref(), joined.files_kept), (Some(&receipt.number), 1));
        }
        let seen: PortalComplaint = get(&app, &client, &receipt.number, &receipt.secret).await.read(200);
        let names: Vec<_> = seen.attachments.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["b25l.txt"]);
    }

    async fn whoever_complains_has_a_say(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[COMPLAINT_OPENED, COMPLAINT_ESCALATED]).await;
        let receipt = complain(&app, &client, &complaint()).await;
        let inside: Complaint = client.get(&format!("{PATH}/{}", receipt.number)).await.read(200);
        let act = async |how: &str, body: Value| {
            post(&app, &client, &format!("{PORTAL}/{}/{how}", receipt.number), Some(&receipt.secret), &body).await
        };
        for how in ["acknowledgement", "wait"] {
            step(&client, &inside, how).await.expect(200);
        }
        let told = act("messages", json!({"message": "The serial number is 21-0042."})).await.expect(200);
        assert_eq!(told["state"], "acknowledged", "the wait is over");
        let early = act("acceptance", json!({})).await;
        assert_eq!(early.problem(), (409, "transition-not-allowed"));
        assert_eq!(
            early.body["detail"],
            "a complaint that is acknowledged cannot be moved on by accept; allowed: withdraw, hear"
        );
        step(&client, &inside, "responses").await.expect(200);
        assert_eq!(act("dispute", json!({"message": "Not so."})).await.expect(200)["state"], "escalated");
        step(&client, &inside, "responses").await.expect(200);
        assert_eq!(act("acceptance", json!({"message": "Thank you."})).await.expect(200)["state"], "accepted");
        step(&client, &inside, "resolution").await.expect(200);
        assert_eq!(act("dispute", json!({"message": "It is down again."})).await.expect(200)["state"], "investigating");
        assert_eq!(act("withdrawal", json!({"message": "Never mind."})).await.expect(200)["state"], "withdrawn");

        let history: Page<ComplaintEntry> = client.get(&format!("{PATH}/{}/history", receipt.number)).await.read(200);
        let said: Vec<_> = history.items.iter().filter(|entry| entry.from_customer.is_some()).collect();
        assert!(said.iter().all(|entry| entry.by == "complainant"));
        assert_eq!(said.len(), 5);
        app.drain_outbox().await;
        for event in tap.envelopes().await {
            let text = event.data.to_string();
            assert!(!text.contains("Not so") && !text.contains("Wang") && !text.contains("Line down"), "{text}");
        }
    }

    async fn a_wrong_number_and_a_wrong_secret_look_the_same(db: TestDb) {
        let (app, client) = start(db).await;
        let receipt = complain(&app, &client, &complaint()).await;
        let other = complain(&app, &client, &complaint()).await;
        let without: Complaint = client.post(PATH, &json!({"channel": "web", "subject": "No secret"})).await.read(201);
        let plain = |answer: Answer| {
            let mut body = redact(answer.expect(404));
            body["instance"] = "[path]".into();
            body
        };
        let expected = plain(get(&app, &client, "CP-2026-999999", &receipt.secret).await);
        for (number, secret) in [
            (receipt.number.as_str(), "guess"),
            (receipt.number.as_str(), ""),
            (receipt.number.as_str(), other.secret.as_str()),
            (other.number.as_str(), receipt.secret.as_str()),
            (without.number.as_str(), ""),
            ("%27%20OR%201=1", receipt.secret.as_str()),
        ] {
            assert_eq!(plain(get(&app, &client, number, secret).await), expected, "{number} {secret}");
            let path = format!("{PORTAL}/{number}/withdrawal");
            let refused = post(&app, &client, &path, Some(secret), &json!({"message": "x"})).await;
            assert_eq!(plain(refused), expected);
        }
        let anonymous = post(&app, &client, &format!("{PORTAL}/{}/messages", receipt.number), None, &json!({"message": "x"})).await;
        assert_eq!(plain(anonymous), expected);
        let state = client.get(&format!("{PATH}/{}", receipt.number)).await.read::<Complaint>(200).state;
        assert_eq!(state, State::Received);
    }

    async fn a_program_that_fills_in_everything_gets_an_answer_and_nothing_else(db: TestDb) {
        let (app, client) = start(db).await;
        let receipt = complain(&app, &client, &with(complaint(), json!({"website": "https://spam.example"}))).await;
        assert!(receipt.number.starts_with("CP-") && receipt.secret.len() == 43);
        assert_eq!(client.count(PATH).await, 0);
        get(&app, &client, &receipt.number, &receipt.secret).await.expect(404);
        complain(&app, &client, &with(complaint(), json!({"website": ""}))).await;
        assert_eq!(client.count(PATH).await, 1);
    }

    async fn what_is_too_long_or_malformed_is_named_field_by_field(db: TestDb) {
        let (app, client) = start(db).await;
        for (over, code) in [
            (json!({"description": "x".repeat(10_001)}), "fields-invalid"),
            (json!({"subject": "  "}), "complaint-invalid"),
            (json!({"handler": "me"}), "fields-invalid"),
            (json!({"complainant": {"email": "nobody"}}), "complaint-invalid"),
            (json!({"complainant": {"phone": "call me"}}), "complaint-invalid"),
        ] {
            let refused = post(&app, &client, PORTAL, None, &with(complaint(), over.clone())).await;
            assert_eq!(refused.problem(), (422, code), "{over}");
        }
        let huge = post(&app, &client, PORTAL, None, &json!({"subject": "x".repeat(2 * 1024 * 1024)})).await;
        assert_eq!(huge.problem(), (413, "body-too-large"));
        assert_eq!(client.count(PATH).await, 0);
    }
}
