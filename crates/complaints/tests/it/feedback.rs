//! What customers are told: at which step, in whose words, by which way, and how they rate it in the end.

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::v1::{COMPLAINT_RATED, ComplaintRated, FOLLOW_UP_CHANGED, FollowUpChanged, FollowUpState};
use complaints_contract::{
    Channel, ClaimedMessages, Complaint, ComplaintMessage, ComplaintRatings, MessageState, MessageTemplates,
    NewMessageClaim, PortalReceipt, ServiceReport,
};
use messaging::Act;
use registry_contract::v1::{CustomerCreated, CustomerFact, CustomerUpdated};
use serde_json::{Value, json};
use testkit::{Answer, App, Client, TestBus, TestDb, both};
use wire::Page;

use crate::support::{LEAD, PATH, customer, grievance, key, open, redact, start, step, with};

const CLAIMS: &str = "/api/v1/complaint-messages/claims";
const TEMPLATES: &str = "/api/v1/message-templates";
const RATINGS: &str = "/api/v1/portal/ratings";

fn mailed() -> Value {
    with(
        grievance(),
        json!({
            "language": "en-GB",
            "complainant": {"name": "Wang Fang", "email": "wang@example.com", "preferred_channel": "email"},
        }),
    )
}

async fn start_with_portal(db: TestDb) -> (App, Client) {
    let app = App::start_with(&complaints::SERVICE, db, TestBus::local().await, |settings| {
        settings.extra.insert("portal_url".to_owned(), "https://crm.example.com/".to_owned());
    })
    .await;
    let client = app.client(LEAD);
    (app, client)
}

async fn messages(client: &Client, complaint: &Complaint) -> Vec<ComplaintMessage> {
    let page: Page<ComplaintMessage> = client.get(&format!("{PATH}/{}/messages", complaint.id)).await.read(200);
    page.items
}

async fn claim(app: &App, channel: &str) -> ClaimedMessages {
    app.client(&["complaints:deliver"]).post(CLAIMS, &json!({"channel": channel})).await.read(200)
}

async fn report(app: &App, message: &ComplaintMessage, body: &Value) -> Answer {
    let path = format!("/api/v1/complaint-messages/{}/delivery", message.id);
    app.client(&["complaints:deliver"]).post(&path, body).await
}

/// Opens a complaint and brings it to its end.
async fn close(client: &Client, body: &Value) -> Complaint {
    let complaint = open(client, body).await;
    for how in ["responses", "acceptance", "resolution", "closure"] {
        step(client, &complaint, how).await.expect(200);
    }
    client.get(&format!("{PATH}/{}", complaint.id)).await.read(200)
}

/// The token of the link that the customer got at closing.
async fn token(app: &App) -> String {
    let claimed = claim(app, "email").await;
    let closed = claimed.messages.last().expect("what was told at closing");
    let body = closed.message.body.as_deref().expect("a text");
    let (_, token) = body.split_once("https://crm.example.com/api/v1/portal/rating#").expect("a link");
    token.split_whitespace().next().expect("a token").to_owned()
}

async fn rate(app: &App, client: &Client, body: &Value) -> Answer {
    client.send(reqwest::Client::new().post(format!("{}{RATINGS}", app.url())).json(body)).await
}

both! {
    async fn every_step_is_told_by_the_way_that_is_preferred(db: TestDb) {
        let (app, client) = start(db).await;
        let complaint = open(&client, &mailed()).await;
        for how in ["acknowledgement", "assessment", "investigation", "updates", "responses", "acceptance", "resolution", "closure"] {
            step(&client, &complaint, how).await.expect(200);
        }
        let told = messages(&client, &complaint).await;
        let steps: Vec<_> = told.iter().map(|message| message.step.as_str()).collect();
        assert_eq!(
            steps,
            [
                "opened", "acknowledged", "assessed", "investigation_started", "informed", "responded", "resolved", "closed"
            ],
            "that the customer accepts is no news to the customer"
        );
        assert!(told.iter().all(|message| message.channel == Channel::Email && message.state == MessageState::Queued));

        let claimed = claim(&app, "email").await;
        assert_eq!(claimed.messages.len(), told.len());
        let resolved = serde_json::to_string(&claimed.messages[6]).expect("JSON").replace(&complaint.number, "[number]");
        let resolved: Value = serde_json::from_str(&resolved).expect("JSON");
        insta::assert_json_snapshot!(redact(resolved), @r#"
        {
          "address": "wang@example.com",
          "contact_id": null,
          "external_id": null,
          "in_reply_to": null,
          "message": {
            "attempts": 1,
            "body": "Hello,\n\nyour complaint about \"Line down\" is resolved.\n\nWhat was done: Card replaced\n\nTo add anything, reply and keep the number [number] in the subject.\n",
            "channel": "email",
            "complaint_id": "[id]",
            "created_at": "[time]",
            "failure": null,
            "html": "<p>Hello,</p><p>your complaint about &quot;Line down&quot; is resolved.</p><p>What was done: Card replaced</p><p>To add anything, reply and keep the number [number] in the subject.</p>",
            "id": "[id]",
            "language": "en",
            "state": "sending",
            "step": "resolved",
            "subject": "[[number]] Your complaint is resolved",
            "updated_at": "[time]"
          },
          "name": "Wang Fang",
          "number": "[number]"
        }
        "#);
        assert!(claim(&app, "email").await.messages.is_empty(), "in somebody's hands");
        assert!(claim(&app, "phone").await.messages.is_empty());
    }

    async fn whoever_says_nothing_else_is_answered_in_the_language_of_the_customer(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = CustomerFact { language: Some("en".to_owned()), ..customer("C-000001") };
        app.deliver(&CustomerCreated(fact.clone())).await;
        let silent = customer("C-000002");
        app.deliver(&CustomerCreated(silent.clone())).await;
        let answered = async |more: Value| {
            let complaint = open(&client, &with(mailed(), with(json!({"language": null}), more))).await;
            messages(&client, &complaint).await.remove(0).language
        };
        assert_eq!(answered(json!({"customer_id": "C-000001"})).await, "en");
        assert_eq!(answered(json!({"customer_id": "C-000001", "language": "zh-CN"})).await, "zh-CN");
        assert_eq!(answered(json!({"customer_id": "C-000002"})).await, "zh-CN");
        // Told again, it says what events did not tell before.
        app.deliver(&CustomerCreated(CustomerFact { language: Some("en".to_owned()), ..silent })).await;
        assert_eq!(answered(json!({"customer_id": "C-000002"})).await, "en");
        assert_eq!(answered(json!({})).await, "zh-CN");
        let now = CustomerFact { sequence: 2, language: Some("zh-CN".to_owned()), ..fact };
        app.deliver(&CustomerUpdated(now)).await;
        assert_eq!(answered(json!({"customer_id": "C-000001"})).await, "zh-CN");
    }

    async fn a_note_is_for_the_customer_at_whatever_step(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &mailed()).await;
        let contain = |note: Value| json!({"containment": "Moved to the second line", "note_to_customer": note});
        let path = format!("{PATH}/{}/containment", complaint.id);
        client.post(&path, &json!({"containment": "Moved to the second line"})).await.expect(200);
        client.post(&path, &contain(json!("Your line <b>works</b> again."))).await.expect(200);
        let told = messages(&client, &complaint).await;
        let [_, contained] = &told[..] else { panic!("{told:?}") };
        let body = contained.body.as_deref().expect("a text");
        assert!(body.contains("\nYour line <b>works</b> again.\n"), "{body}");
        let html = contained.html.as_deref().expect("a page");
        assert!(html.contains("<p>Your line &lt;b&gt;works&lt;/b&gt; again.</p>"), "{html}");
    }

    async fn a_message_comes_back_until_it_is_settled(db: TestDb) {
        let (app, client) = start(db).await;
        open(&client, &mailed()).await;
        let first = claim(&app, "email").await.messages.remove(0).message;
        assert_eq!((first.state, first.attempts), (MessageState::Sending, 1));

        // Whoever claimed it was never heard of again.
        let later = Utc::now() + TimeDelta::seconds(301);
        let again = claim_at(&app, later).await;
        assert_eq!(again.messages.iter().map(|one| one.message.id).collect::<Vec<_>>(), [first.id]);
        let failed = json!({"outcome": "failed", "failure": "452 4.2.2 mailbox full", "retry": true});
        let queued: ComplaintMessage = report(&app, &first, &failed).await.read(200);
        assert_eq!((queued.state, queued.failure.as_deref()), (MessageState::Queued, Some("452 4.2.2 mailbox full")));
        assert!(claim(&app, "email").await.messages.is_empty(), "not at once");

        let again = claim_at(&app, Utc::now() + TimeDelta::minutes(5)).await;
        assert_eq!(again.messages[0].message.attempts, 3);
        let sent: ComplaintMessage = report(&app, &first, &json!({"outcome": "sent"})).await.read(200);
        assert_eq!((sent.state, sent.failure), (MessageState::Sent, None));
        let repeated: ComplaintMessage = report(&app, &first, &json!({"outcome": "sent"})).await.read(200);
        assert_eq!(repeated.updated_at, sent.updated_at, "said before");
        report(&app, &first, &json!({"outcome": "delivered"})).await.expect(200);
        let refused = report(&app, &first, &json!({"outcome": "failed"})).await;
        assert_eq!(refused.problem(), (409, "delivery-not-expected"));
        assert!(claim_at(&app, Utc::now() + TimeDelta::days(30)).await.messages.is_empty());

        let wrong = report(&app, &first, &json!({"outcome": "sent", "failure": "?"})).await;
        assert_eq!(wrong.problem(), (422, "complaint-invalid"));
        let listed: Page<ComplaintMessage> = client.get("/api/v1/complaint-messages?state=delivered&count=exact").await.read(200);
        assert_eq!(listed.items.len(), 1);
    }

    async fn a_late_report_settles_nobody_elses_claim(db: TestDb) {
        let (app, client) = start(db).await;
        open(&client, &mailed()).await;
        let first = claim(&app, "email").await.messages.remove(0).message;
        let second = claim_at(&app, Utc::now() + TimeDelta::seconds(301)).await.messages.remove(0).message;
        assert_eq!((second.id, second.attempts), (first.id, 2));
        for retry in [true, false] {
            let late = json!({"outcome": "failed", "failure": "timed out", "retry": retry, "attempts": first.attempts});
            let kept: ComplaintMessage = report(&app, &first, &late).await.read(200);
            assert_eq!((kept.state, kept.failure, kept.updated_at), (MessageState::Sending, None, second.updated_at));
        }

        // Whoever does not say which attempt failed takes it from the other; what the other sent was sent all the same.
        let failed = json!({"outcome": "failed", "failure": "timed out", "retry": true});
        let queued: ComplaintMessage = report(&app, &first, &failed).await.read(200);
        assert_eq!(queued.state, MessageState::Queued);
        let repeated: ComplaintMessage = report(&app, &first, &failed).await.read(200);
        assert_eq!((repeated.state, repeated.updated_at), (MessageState::Queued, queued.updated_at), "said before");
        let sent: ComplaintMessage =
            report(&app, &second, &json!({"outcome": "sent", "attempts": second.attempts})).await.read(200);
        assert_eq!((sent.state, sent.failure), (MessageState::Sent, None));
        assert!(claim_at(&app, Utc::now() + TimeDelta::days(30)).await.messages.is_empty(), "sent once");

        open(&client, &mailed()).await;
        let third = claim(&app, "email").await.messages.remove(0).message;
        let failed: ComplaintMessage = report(&app, &third, &json!({"outcome": "failed"})).await.read(200);
        assert_eq!(failed.state, MessageState::Failed);
        let sent: ComplaintMessage = report(&app, &third, &json!({"outcome": "sent"})).await.read(200);
        assert_eq!(sent.state, MessageState::Sent);
    }

    async fn what_nobody_reports_on_is_given_up_after_eight_claims(db: TestDb) {
        let (app, client) = start(db).await;
        let complaint = open(&client, &mailed()).await;
        let mut at = Utc::now();
        for attempts in 1..=8 {
            let claimed = claim_at(&app, at).await;
            assert_eq!(claimed.messages.iter().map(|one| one.message.attempts).collect::<Vec<_>>(), [attempts]);
            at += TimeDelta::seconds(301);
        }
        assert!(claim_at(&app, at).await.messages.is_empty());
        let given_up = messages(&client, &complaint).await.remove(0);
        assert_eq!((given_up.state, given_up.attempts), (MessageState::Failed, 8));
        assert_eq!(given_up.failure.as_deref(), Some("no report came"));
        assert!(claim_at(&app, at + TimeDelta::days(30)).await.messages.is_empty());
        let sent: ComplaintMessage = report(&app, &given_up, &json!({"outcome": "sent"})).await.read(200);
        assert_eq!((sent.state, sent.failure), (MessageState::Sent, None), "better late than never");
    }

    async fn what_a_mail_server_says_is_cut_and_not_refused(db: TestDb) {
        let (app, client) = start(db).await;
        open(&client, &mailed()).await;
        let message = claim(&app, "email").await.messages.remove(0).message;
        let bounce = json!({"outcome": "failed", "failure": format!("550\u{7}no {}", "x".repeat(600))});
        let failed: ComplaintMessage = report(&app, &message, &bounce).await.read(200);
        assert_eq!(failed.failure, Some(format!("550 no {}", "x".repeat(493))));
        assert_eq!(failed.state, MessageState::Failed);
    }

    async fn what_is_confidential_is_not_read_in_messages(db: TestDb) {
        let (app, client) = start(db).await;
        let reader = app.client(&["complaints:read"]);
        let failed = json!({"outcome": "failed", "failure": "550 5.1.1 <wang@example.com>: no such user"});
        let complaint = open(&client, &with(mailed(), json!({"confidential": ["complainant"]}))).await;
        let message = claim(&app, "email").await.messages.remove(0).message;
        report(&app, &message, &failed).await.expect(200);
        let seen = messages(&reader, &complaint).await.remove(0);
        assert_eq!(seen.failure, None, "it has the address");
        assert_eq!((seen.state, seen.subject), (MessageState::Failed, message.subject));
        assert!(seen.body.is_some() && seen.html.is_some());
        let handled = messages(&client, &complaint).await.remove(0);
        assert_eq!(handled.failure.as_deref(), Some("550 5.1.1 <wang@example.com>: no such user"));

        for part in ["notes", "resolution"] {
            let complaint = open(&client, &with(mailed(), json!({"confidential": [part]}))).await;
            let message = claim(&app, "email").await.messages.remove(0).message;
            report(&app, &message, &failed).await.expect(200);
            let seen = messages(&reader, &complaint).await.remove(0);
            assert_eq!((seen.subject.as_str(), seen.body, seen.html), ("", None, None), "{part}");
            assert!(seen.failure.is_some(), "the address is for everybody");
            let handled = messages(&client, &complaint).await.remove(0);
            assert_eq!(handled.subject, message.subject);
        }
    }

    async fn nobody_is_told_twice_by_two_who_claim_at_once(db: TestDb) {
        let (app, client) = start(db).await;
        for _ in 0..20 {
            open(&client, &mailed()).await;
        }
        let claims = (0..4).map(|_| async {
            let claimed: ClaimedMessages = app
                .client(&["complaints:deliver"])
                .post(CLAIMS, &json!({"channel": "email", "limit": 8}))
                .await
                .read(200);
            claimed.messages.into_iter().map(|one| one.message.id)
        });
        let mut ids: Vec<_> = futures::future::join_all(claims).await.into_iter().flatten().collect();
        let mut rest: Vec<_> = claim(&app, "email").await.messages.into_iter().map(|one| one.message.id).collect();
        ids.append(&mut rest);
        let claimed = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((claimed, ids.len()), (20, 20));
    }

    async fn the_company_says_it_in_its_own_words(db: TestDb) {
        let (app, client) = start(db).await;
        let head = app.client(&[LEAD, &["complaints:manage"]].concat());
        let shipped: MessageTemplates = client.get(TEMPLATES).await.read(200);
        assert_eq!(shipped.templates.len(), 26);
        assert!(shipped.templates.iter().all(|template| template.version == 0 && template.enabled));

        let put = async |step: &str, language: &str, etag: &str, body: Value| {
            let request = head.request(reqwest::Method::PUT, &format!("{TEMPLATES}/{step}/{language}"));
            head.send(request.header("if-match", etag).json(&body)).await
        };
        let body = json!({"subject": "{number}: thank you", "body": "Dear customer,\n\n{subject} is with us.\n"});
        let set = put("opened", "en", "\"0\"", body.clone()).await;
        insta::assert_json_snapshot!(redact(set.expect(200)), @r#"
        {
          "body": "Dear customer,\n\n{subject} is with us.",
          "enabled": true,
          "language": "en",
          "step": "opened",
          "subject": "{number}: thank you",
          "updated_at": "[time]",
          "updated_by": "user:0198a000-0000-7000-8000-000000000001",
          "version": 1
        }
        "#);
        assert_eq!(put("opened", "en", "\"0\"", body.clone()).await.problem(), (412, "version-stale"));
        assert_eq!(put("amended", "en", "*", body.clone()).await.problem(), (404, "message-template-not-found"));
        let wrong = json!({"subject": "{who}", "body": "{rating_link}"});
        let faults = put("opened", "not a tag", "*", wrong).await.expect(422);
        insta::assert_json_snapshot!(redact(faults["errors"].clone()), @r#"
        [
          {
            "code": "bad-language",
            "message": "must be a language tag such as zh-CN or en",
            "pointer": "?language"
          },
          {
            "code": "variable-unknown",
            "message": "there is no variable {who}",
            "pointer": "/subject"
          },
          {
            "code": "variable-not-here",
            "message": "{rating_link} belongs into the body of what is told at closing",
            "pointer": "/body"
          }
        ]
        "#);
        put("acknowledged", "pt", "\"0\"", with(body.clone(), json!({"enabled": false}))).await.expect(200);

        let english = open(&client, &mailed()).await;
        let told = messages(&client, &english).await;
        assert_eq!(told[0].subject, format!("{}: thank you", english.number));
        assert_eq!(told[0].body.as_deref(), Some("Dear customer,\n\nLine down is with us.\n"));

        let portuguese = open(&client, &with(mailed(), json!({"language": "pt-BR"}))).await;
        step(&client, &portuguese, "acknowledgement").await.expect(200);
        let told = messages(&client, &portuguese).await;
        let languages: Vec<_> = told.iter().map(|message| message.language.as_str()).collect();
        assert_eq!(languages, ["en"], "nothing at the step that is switched off in the language's family");
    }

    async fn a_customer_rates_once_by_the_link_that_only_the_customer_has(db: TestDb) {
        let (app, client) = start_with_portal(db).await;
        let tap = app.bus.tap(&[COMPLAINT_RATED]).await;
        let complaint = close(&client, &mailed()).await;
        let inside = messages(&client, &complaint).await;
        assert!(inside.iter().all(|message| !message.body.as_deref().is_some_and(|body| body.contains("portal/rating"))));

        let lost = token(&app).await;
        let mail = messages(&client, &complaint).await.pop().expect("a message");
        let failed = json!({"outcome": "failed", "retry": true});
        report(&app, &mail, &failed).await.expect(200);
        let again = claim_at(&app, Utc::now() + TimeDelta::minutes(5)).await;
        let body = again.messages.last().expect("a message").message.body.clone().expect("a text");
        let token = body.split_once('#').expect("a link").1.split_whitespace().next().expect("a token").to_owned();

        let good = json!({"token": token, "attitude": 5, "result": 3, "comment": "Kind, but slow."});
        assert_eq!(rate(&app, &client, &with(good.clone(), json!({"token": lost}))).await.problem(), (404, "rating-unknown"));
        let wrong = rate(&app, &client, &with(good.clone(), json!({"attitude": 6, "result": 0}))).await;
        assert_eq!(wrong.status, 422);
        let receipt = rate(&app, &client, &good).await.expect(201);
        assert_eq!(receipt, json!({"number": complaint.number}));
        assert_eq!(rate(&app, &client, &good).await.problem(), (409, "rating-given"));

        let ratings: ComplaintRatings = client.get(&format!("{PATH}/{}/ratings", complaint.id)).await.read(200);
        let [rating] = &ratings.ratings[..] else { panic!("{ratings:?}") };
        assert_eq!((rating.attitude, rating.result, rating.comment.as_deref()), (5, 3, Some("Kind, but slow.")));
        app.drain_outbox().await;
        let rated: Vec<ComplaintRated> = tap.events().await;
        assert_eq!(rated.iter().map(|event| (event.complaint_id, event.attitude, event.result)).collect::<Vec<_>>(), [(complaint.id, 5, 3)]);

        let today = Utc::now().date_naive();
        let tomorrow = today + TimeDelta::days(2);
        let path = format!("/api/v1/service-report?from={}&to={tomorrow}&period=whole", today - TimeDelta::days(1));
        let report: ServiceReport = client.get(&path).await.read(200);
        assert_eq!((report.rows[0].rating.count, report.rows[0].rating.attitude_rate), (1, Some(1.0)));
        assert_eq!(report.rows[0].rating.result_rate, Some(0.0));
        let grouped: ServiceReport = client.get(&format!("{path}&by=channel,severity")).await.read(200);
        let [row] = &grouped.rows[..] else { panic!("{grouped:?}") };
        assert_eq!((row.groups.len(), row.rating.count), (2, 1));
    }

    async fn it_can_be_too_late_to_rate(db: TestDb) {
        let (app, client) = start_with_portal(db).await;
        close(&client, &mailed()).await;
        let token = token(&app).await;
        let rating = complaints_contract::NewRating { token, attitude: 1, result: 1, comment: None };
        let late = Act::system(Utc::now() + TimeDelta::days(31));
        let refused = complaints::rate_complaint(&app.db, &late, &rating).await;
        assert!(matches!(refused, Err(complaints::Error::RatingExpired)), "{refused:?}");
    }

    async fn who_closes_owes_a_contact_until_the_complaint_is_taken_up_again(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[FOLLOW_UP_CHANGED]).await;
        let complaint = close(&client, &with(grievance(), json!({"handler": "wang.fang"}))).await;
        let closed_at = complaint.closed_at.expect("closed");
        assert_eq!(complaint.follow_up_due_at, Some(closed_at + TimeDelta::days(14)));
        let reopened: Complaint = step(&client, &complaint, "reopen").await.read(200);
        assert_eq!(reopened.follow_up_due_at, None);
        for how in ["responses", "resolution", "closure", "follow-up"] {
            step(&client, &complaint, how).await.expect(200);
        }
        app.drain_outbox().await;
        let told: Vec<FollowUpChanged> = tap.events().await;
        let states: Vec<_> = told.iter().map(|FollowUpChanged(fact)| fact.state).collect();
        assert_eq!(states, [FollowUpState::Due, FollowUpState::Cancelled, FollowUpState::Due, FollowUpState::Done]);
        assert!(told.iter().all(|FollowUpChanged(fact)| fact.owner.as_deref() == Some("wang.fang")));

        // Who was not there is told again how it stands, also that nothing is owed any more.
        let other = close(&client, &grievance()).await;
        step(&client, &other, "reopen").await.expect(200);
        app.drain_outbox().await;
        let tap = app.bus.tap(&[FOLLOW_UP_CHANGED]).await;
        let republish = complaints::SERVICE.republish.expect("a republication");
        republish(app.context().clone()).await.expect("told");
        app.drain_outbox().await;
        let again: Vec<FollowUpChanged> = tap.events().await;
        let states: Vec<_> = again.iter().map(|FollowUpChanged(fact)| (fact.complaint_id, fact.state)).collect();
        assert_eq!(states, [(complaint.id, FollowUpState::Done), (other.id, FollowUpState::Cancelled)]);

        let head = app.client(&[LEAD, &["complaints:manage"]].concat());
        let request = head.request(reqwest::Method::PUT, "/api/v1/closure-rules").header("if-match", "*");
        head.send(request.json(&json!({}))).await.expect(200);
        assert_eq!(close(&client, &grievance()).await.follow_up_due_at, None, "nobody asks");
    }

    async fn who_came_through_the_portal_without_an_address_finds_it_there(db: TestDb) {
        let (app, client) = start(db).await;
        let new = json!({"subject": "Line down", "description": "Since this morning."});
        let request = reqwest::Client::new().post(format!("{}/api/v1/portal/complaints", app.url())).json(&new);
        let receipt: PortalReceipt = client.send(request).await.read(201);
        let complaint: Complaint = client.get(&format!("{PATH}/{}", receipt.number)).await.read(200);
        let told = messages(&client, &complaint).await;
        assert_eq!((told[0].channel, told[0].state), (Channel::Portal, MessageState::Sent));
        for way in ["email", "internal"] {
            let wrong = json!({"complainant": {"name": "Wang", "preferred_channel": way}});
            let refused = client.post(PATH, &with(grievance(), wrong)).await;
            assert_eq!(refused.problem(), (422, "complaint-invalid"), "{way}");
            assert_eq!(refused.body["errors"][0]["pointer"], "/complainant/preferred_channel");
        }
    }

    async fn who_has_no_secret_is_not_told_through_the_portal(db: TestDb) {
        let (app, client) = start(db).await;
        let phone = "+86 755 2878 0808";
        for (over, channel) in [
            (json!({"channel": "portal", "external_id": {"system": "freshdesk", "id": "1"}}), Channel::Desk),
            (
                json!({
                    "channel": "portal",
                    "external_id": {"system": "freshdesk", "id": "2"},
                    "complainant": {"phone": phone},
                }),
                Channel::Phone,
            ),
            (
                json!({"complainant": {"email": "wang@example.com", "phone": phone, "preferred_channel": "portal"}}),
                Channel::Email,
            ),
            (json!({"channel": "portal"}), Channel::Portal),
        ] {
            let complaint = open(&client, &with(grievance(), over.clone())).await;
            step(&client, &complaint, "acknowledgement").await.expect(200);
            let told = messages(&client, &complaint).await.pop().expect("a message");
            assert_eq!((told.channel, told.state), (channel, MessageState::Queued), "{over}");
        }
        let at_the_desk = claim(&app, "desk").await.messages.remove(0);
        assert_eq!(at_the_desk.external_id, Some(key("freshdesk", "1")));
        assert_eq!(claim(&app, "phone").await.messages.remove(0).address.as_deref(), Some(phone));
    }
}

/// As of another time.
async fn claim_at(app: &App, at: DateTime<Utc>) -> ClaimedMessages {
    let claim = NewMessageClaim { channel: Channel::Email, limit: None, lease_seconds: None };
    let page = Some("https://crm.example.com/api/v1/portal/rating");
    complaints::claim_messages(&app.db, &Act::system(at), page, &claim).await.expect("claimed")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_rating_runs_its_own_script_only() {
    let app = App::start(&complaints::SERVICE, TestDb::sqlite()).await;
    let answer = reqwest::get(format!("{}/api/v1/portal/rating", app.url())).await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
    let page = answer.text().await.expect("a page");
    let (_, script) = page.split_once("<script>").expect("a script");
    let (script, _) = script.split_once("</script>").expect("its end");
    let digest = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
    let hash = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, digest);
    assert!(policy.contains(&format!("script-src 'sha256-{hash}'")), "{policy}");
    assert!(!page.contains("http"), "nothing from elsewhere");
}
