use complaints_contract::v1::{COMPLAINT_ESCALATED, COMPLAINT_OPENED};
use complaints_contract::{Complaint, ComplaintEntry, Happening, PortalComplaint, PortalReceipt, State};
use database::on;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use testkit::{Answer, App, Client, both};
use wire::Page;

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

/// More entries than the portal shows, from before all others of the only complaint; their ids, too, come first.
async fn add_a_past(app: &App) {
    const POSTGRES: &str = "INSERT INTO history (id, complaint_id, seq, what, to_state, at, recorded_at, actor, fields) \
         SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), id, -n, 'informed', 'received', received_at, received_at, 'system', '' \
         FROM complaints, generate_series(1, 600) AS numbers (n)";
    const SQLITE: &str = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 600) \
         INSERT INTO history (id, complaint_id, seq, what, to_state, at, recorded_at, actor, fields) \
         SELECT unhex(printf('%032x', n)), id, -n, 'informed', 'received', received_at, received_at, 'system', '' \
         FROM complaints, numbers";
    let mut tx = app.db.begin().await.expect("a transaction");
    on!(
        tx,
        pg: |c| diesel::sql_query(POSTGRES).execute(c).await,
        lite: |c| diesel::sql_query(SQLITE).execute(c).await,
    )
    .expect("entries");
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

        insta::assert_json_snapshot!(redact(get(&app, &client, &receipt.number, &receipt.secret).await.expect(200)), @r#"
        {
          "allowed": [
            "accept",
            "escalate",
            "withdraw",
            "hear"
          ],
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
