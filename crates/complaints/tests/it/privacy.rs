//! What is left of who complained once the registry has erased that contact: nothing that names him, and no way to him.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::v1::{COMPLAINT_AMENDED, ComplaintAmended, FOLLOW_UP_CHANGED, FollowUpChanged, FollowUpState};
use complaints_contract::{
    Channel, ClaimedMessage, ClaimedMessages, Complaint, ComplaintAttachments, ComplaintEntry, ComplaintMessage,
    Happening, MailOutcome, MailReceipt, MessageState, NewMessageClaim, PortalReceipt,
};
use messaging::{Act, outbox};
use registry_contract::v1::{
    ContactErased, ContactFact, CustomerMerged, CustomerUnmerged, HoldingCreated, HoldingFact, MergeFact,
    PositionCreated, PositionFact,
};
use registry_contract::{ContactId, CustomerId, DecisionRole, HoldingId, MergeId, PositionId};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, App, Client, TestBus, TestDb, both, eventually, everywhere, traces};
use wire::Page;

use crate::attachments::PNG;
use crate::signals::{day, look, signals, start_still};
use crate::support::{LEAD, PATH, grievance, introduce, open, start, step, with};

const CLAIMS: &str = "/api/v1/complaint-messages/claims";
const PORTAL: &str = "/api/v1/portal/complaints";
const ERASED: &str = "whoever complained was erased";

const NAME: &str = "Ouyang Zhenhua";
const EMAIL: &str = "zh.ouyang@sample-mail.example";
const PHONE: &str = "+86 755 8888 7777";
/// What is found nowhere once he is erased.
const TEXTS: [&str; 5] = [NAME, EMAIL, PHONE, "sample-mail", "8888 7777"];

async fn start_with_files(db: TestDb, bus: TestBus, folder: &Path) -> (App, Client) {
    let files = reqwest::Url::from_directory_path(folder).expect("a folder").to_string();
    let app = App::start_with(&complaints::SERVICE, db, bus, |settings| {
        settings.extra.insert("attachments_url".to_owned(), files);
        settings.extra.insert("portal_url".to_owned(), "https://crm.example.com/".to_owned());
    })
    .await;
    let client = app.client(LEAD);
    (app, client)
}

/// That he was erased, while he was of this customer.
fn erasure(contact_id: ContactId, customer_id: CustomerId) -> ContactErased {
    ContactErased(ContactFact { contact_id, customer_id, sequence: 3 })
}

fn his(contact: ContactId) -> Value {
    with(
        grievance(),
        json!({
            "contact_id": contact,
            "description": format!("{NAME} called from {PHONE}."),
            "language": "en",
            "complainant": {"name": NAME, "email": EMAIL, "phone": PHONE, "preferred_channel": "email"},
        }),
    )
}

/// Opens his complaint; the answer is kept for whoever repeats it.
async fn enter(client: &Client, contact: ContactId) -> Answer {
    let request = client.request(Method::POST, PATH).header("Idempotency-Key", "k-1");
    client.send(request.json(&his(contact))).await
}

async fn write(client: &Client, id: &str, number: &str) -> MailReceipt {
    let mail = format!(
        "Message-ID: <{id}@mail.example.com>\r\nFrom: {NAME} <{EMAIL}>\r\nTo: help@example.com\r\n\
         Subject: Re: [{number}]\r\n\r\nAny news?\r\n"
    );
    let request = client.request(Method::POST, &format!("{PATH}/mail")).header("content-type", "message/rfc822");
    client.send(request.body(mail)).await.read(200)
}

async fn read(client: &Client, complaint: &Complaint) -> Complaint {
    client.get(&format!("{PATH}/{}", complaint.id)).await.read(200)
}

/// The complaint, once it has forgotten who made it.
async fn forgotten(client: &Client, complaint: &Complaint) -> Complaint {
    eventually(async || {
        let now = read(client, complaint).await;
        // A complaint is read by several statements, between which it may be forgotten.
        let is_over = now.complainant_erased_at.is_some() && now.version > complaint.version;
        if is_over { Ok(now) } else { Err(now.version) }
    })
    .await
}

async fn messages(client: &Client, complaint: &Complaint) -> Vec<ComplaintMessage> {
    let page: Page<ComplaintMessage> = client.get(&format!("{PATH}/{}/messages", complaint.id)).await.read(200);
    page.items
}

async fn claim(app: &App, limit: i64) -> Vec<ClaimedMessage> {
    let claim = json!({"channel": "email", "limit": limit});
    app.client(&["complaints:deliver"]).post(CLAIMS, &claim).await.read::<ClaimedMessages>(200).messages
}

async fn claim_at(app: &App, at: DateTime<Utc>) -> Vec<ClaimedMessage> {
    let claim = NewMessageClaim { channel: Channel::Email, limit: None, lease_seconds: None };
    complaints::claim_messages(&app.db, &Act::system(at), None, &claim).await.expect("claimed").messages
}

async fn report(app: &App, claimed: &ClaimedMessage, body: &Value) -> ComplaintMessage {
    let path = format!("/api/v1/complaint-messages/{}/delivery", claimed.message.id);
    app.client(&["complaints:deliver"]).post(&path, body).await.read(200)
}

/// Has his name, his address and his number come wherever complaints keep such things.
async fn spread(app: &App, client: &Client, complaint: &Complaint) {
    assert_eq!(write(client, "1", &complaint.number).await.outcome, MailOutcome::Joined);
    let claimed = claim(app, 1).await;
    report(app, &claimed[0], &json!({"outcome": "failed", "failure": format!("550 5.1.1 <{EMAIL}>: no user")})).await;
    let path = format!("{PATH}/{}", complaint.id);
    let answer = json!({"note_to_customer": format!("Dear {NAME}, we have found the cause.")});
    client.post(&format!("{path}/responses"), &answer).await.expect(200);
    let upload = client.request(Method::POST, &format!("{path}/attachments"));
    let upload = upload.header("content-type", "application/octet-stream").header("Idempotency-Key", "k-2");
    let upload = upload.header("content-disposition", format!("attachment; filename=\"{NAME}.png\""));
    client.send(upload.body(PNG)).await.expect(201);
    let file = format!("Ticket,Title,Source,Name,Mail\n7,Line down,pigeon,{NAME},{EMAIL}\n");
    let import =
        client.request(Method::POST, &format!("{PATH}/imports?system=desk")).header("content-type", "text/csv");
    assert_eq!(client.send(import.body(file)).await.expect(201)["refused"], 1);
}

everywhere! {
    async fn who_complained_is_forgotten_and_the_complaint_stays(db: TestDb, bus: TestBus) {
        let folder = tempfile::tempdir().expect("a folder");
        let (app, client) = start_with_files(db, bus, folder.path()).await;
        let contact = ContactId::new();
        let opened: Complaint = enter(&client, contact).await.read(201);
        spread(&app, &client, &opened).await;
        let kept = traces(&app.db, &TEXTS).await;
        let tables: BTreeSet<&str> = kept.iter().filter_map(|trace| Some(trace.split_once(": ")?.0)).collect();
        assert_eq!(
            Vec::from_iter(tables),
            ["attachments", "complaints", "history", "idempotency_keys", "import_rows", "intakes", "mails", "messages"]
        );
        let before = read(&client, &opened).await;
        app.drain_outbox().await;

        let tap = app.bus.tap(&[COMPLAINT_AMENDED]).await;
        let mut tx = app.db.begin().await.expect("a transaction");
        let told = erasure(contact, CustomerId::new());
        outbox::enqueue(&mut tx, &Act::system(Utc::now()), &told).await.expect("queued");
        tx.commit().await.expect("a commit");
        let after = forgotten(&client, &before).await;
        assert_eq!(traces(&app.db, &TEXTS).await, Vec::<String>::new());
        assert_eq!((&after.complainant, after.contact_id, after.version), (&None, Some(contact), before.version + 1));
        assert_eq!(after.description.as_deref(), Some("[…] called from […]."));
        let as_before = Complaint {
            complainant: before.complainant.clone(),
            complainant_erased_at: None,
            description: before.description.clone(),
            version: before.version,
            updated_at: before.updated_at,
            ..after.clone()
        };
        assert_eq!(as_before, before, "what happened, and its clocks");

        let path = format!("{PATH}/{}", after.id);
        let history: Page<ComplaintEntry> = client.get(&format!("{path}/history")).await.read(200);
        let last = history.items.last().expect("an entry");
        assert_eq!((last.what, last.by.as_str()), (Happening::Amended, "system"));
        assert_eq!(last.fields, ["complainant", "description"]);
        let notes: Vec<_> = history.items.iter().filter_map(|entry| entry.note_to_customer.as_deref()).collect();
        assert_eq!(notes, ["Dear […], we have found the cause."]);
        let said: Vec<_> = history.items.iter().filter_map(|entry| entry.from_customer.as_deref()).collect();
        assert_eq!(said, ["Any news?"]);
        let files: ComplaintAttachments = client.get(&format!("{path}/attachments")).await.read(200);
        assert_eq!(files.items[0].name, "[…].png");
        let proof = traces(&app.db, &["complaint.complainant_erased"]).await;
        assert_eq!(proof, ["audit_entries: complaint.complainant_erased"]);
        app.drain_outbox().await;
        let events: Vec<ComplaintAmended> = tap.events().await;
        assert_eq!(events.iter().map(|ComplaintAmended(fact)| fact.sequence).collect::<Vec<_>>(), [after.version]);

        // He is told nothing any more, neither what was still to be told nor what comes.
        let told = messages(&client, &after).await;
        let seen: Vec<_> = told.iter().map(|one| (one.step.as_str(), one.state, one.failure.as_deref())).collect();
        assert_eq!(seen, [("opened", MessageState::Failed, None), ("responded", MessageState::Failed, Some(ERASED))]);
        assert!(told.iter().all(|one| one.subject.is_empty() && one.body.is_none() && one.html.is_none()), "{told:?}");
        let retry = format!("/api/v1/complaint-messages/{}/retry", told[1].id);
        assert_eq!(client.post(&retry, &json!({})).await.problem(), (409, "complainant-erased"));
        for how in ["acceptance", "resolution", "closure"] {
            step(&client, &after, how).await.expect(200);
        }
        let closed = read(&client, &after).await;
        assert_eq!((messages(&client, &closed).await.len(), closed.follow_up_due_at), (2, None));
        assert!(claim_at(&app, Utc::now() + TimeDelta::days(30)).await.is_empty());

        // Told again, it is as it was; whoever repeats the request that made the complaint makes none.
        app.deliver(&told_again(contact)).await;
        assert_eq!(read(&client, &closed).await, closed);
        let repeated = enter(&client, contact).await;
        assert_eq!((repeated.status, repeated.body.as_str()), (201, Some("")));
        assert_eq!((client.count(PATH).await, traces(&app.db, &TEXTS).await), (1, vec![]));
    }
}

/// As a republication does: of him as he is by then, perhaps another customer's.
fn told_again(contact: ContactId) -> ContactErased {
    let ContactErased(fact) = erasure(contact, CustomerId::new());
    ContactErased(ContactFact { sequence: 4, ..fact })
}

both! {
    async fn what_a_source_still_knows_of_him_is_not_taken_in(db: TestDb) {
        let (app, client) = start(db).await;
        let contact = ContactId::new();
        app.deliver(&erasure(contact, CustomerId::new())).await;
        let ticket = with(his(contact), json!({"channel": "desk", "subject": format!("{NAME} has no line")}));
        let path = format!("{PATH}/external/desk/4711");
        let first: Complaint = client.put(&path, &ticket).await.read(201);
        assert_eq!((&first.complainant, first.contact_id, first.version), (&None, Some(contact), 1));
        assert!(first.complainant_erased_at.is_some());
        assert_eq!(first.subject, "[…] has no line");
        assert_eq!(client.put(&path, &ticket).await.read::<Complaint>(200), first, "nothing new");
        let solved = json!({
            "contact_id": null,
            "progress": {"state": "resolved", "resolution": format!("{NAME} has another card")},
        });
        let second: Complaint = client.put(&path, &with(ticket, solved)).await.read(200);
        assert_eq!((second.complainant, second.resolution.as_deref()), (None, Some("[…] has another card")));

        let by_phone = open(&client, &his(contact)).await;
        assert_eq!((&by_phone.complainant, messages(&client, &by_phone).await.len()), (&None, 0));
        let rows = json!({"complaints": [his(contact), grievance()]});
        client.post(&format!("{PATH}/bulk?mode=atomic"), &rows).await.expect(200);
        assert_eq!(traces(&app.db, &TEXTS).await, Vec::<String>::new());

        // One that was there already and is only now said to be his.
        let unnamed = with(his(contact), json!({"contact_id": null, "channel": "desk"}));
        let path = format!("{PATH}/external/desk/4712");
        client.put(&path, &unnamed).await.expect(201);
        let named: Complaint = client.put(&path, &with(unnamed, json!({"contact_id": contact}))).await.read(200);
        assert_eq!((&named.complainant, named.complainant_erased_at.is_some()), (&None, true));
        assert_eq!(traces(&app.db, &TEXTS).await, Vec::<String>::new());
    }

    async fn who_complains_anew_by_himself_is_answered_until_somebody_knows_him(db: TestDb) {
        let (app, client) = start(db).await;
        let contact = ContactId::new();
        app.deliver(&erasure(contact, CustomerId::new())).await;
        let anew = open(&client, &with(his(contact), json!({"contact_id": null}))).await;
        assert_eq!(anew.complainant.as_ref().and_then(|who| who.name.as_deref()), Some(NAME));
        let waiting = messages(&client, &anew).await;
        assert_eq!(waiting.iter().map(|one| one.state).collect::<Vec<_>>(), [MessageState::Queued]);

        let path = format!("{PATH}/{}", anew.id);
        let other = client.patch(&path, "*", &json!({"contact_id": ContactId::new()})).await;
        assert!(other.read::<Complaint>(200).complainant.is_some(), "somebody else");
        let stale = client.patch(&path, "\"1\"", &json!({"contact_id": contact})).await;
        assert_eq!(stale.problem(), (412, "version-stale"));
        let found = client.patch(&path, "\"2\"", &json!({"contact_id": contact})).await;
        assert_eq!(found.etag(), "\"4\"", "what was corrected, and what was forgotten");
        let found: Complaint = found.read(200);
        assert_eq!((&found.complainant, found.complainant_erased_at.is_some()), (&None, true));
        assert_eq!(traces(&app.db, &TEXTS).await, Vec::<String>::new());
        assert!(claim_at(&app, Utc::now() + TimeDelta::days(30)).await.is_empty());

        // Whose it is found to be after that makes no difference.
        let moved = client.patch(&path, "*", &json!({"contact_id": null})).await.read::<Complaint>(200);
        assert!(moved.complainant_erased_at.is_some());
        step(&client, &moved, "responses").await.expect(200);
        assert_eq!(messages(&client, &moved).await.len(), 1);
    }

    async fn nothing_leads_from_him_or_to_him_any_more(db: TestDb) {
        let folder = tempfile::tempdir().expect("a folder");
        let (app, client) = start_with_files(db, TestBus::local().await, folder.path()).await;
        let tap = app.bus.tap(&[FOLLOW_UP_CHANGED]).await;
        let new = json!({
            "subject": "Line down", "description": "Since this morning.", "language": "en",
            "complainant": {"name": NAME, "email": EMAIL, "phone": PHONE},
        });
        let request = reqwest::Client::new().post(format!("{}{PORTAL}", app.url())).json(&new);
        let receipt: PortalReceipt = client.send(request).await.read(201);
        let follow = async || {
            let request = reqwest::Client::new().get(format!("{}{PORTAL}/{}", app.url(), receipt.number));
            client.send(request.header("X-Complaint-Secret", receipt.secret.as_str())).await
        };
        let contact = ContactId::new();
        let named = client.patch(&format!("{PATH}/{}", receipt.number), "*", &json!({"contact_id": contact})).await;
        let complaint: Complaint = named.read(200);
        for how in ["responses", "acceptance", "resolution", "closure"] {
            step(&client, &complaint, how).await.expect(200);
        }
        assert_eq!(follow().await.expect(200)["state"], "closed");
        let claimed = claim(&app, 20).await;
        let [first, .., last] = &claimed[..] else { panic!("{claimed:?}") };
        let body = last.message.body.as_deref().expect("a text");
        let token = body.split_once('#').expect("a link").1.split_whitespace().next().expect("a token");
        report(&app, first, &json!({"outcome": "sent"})).await;

        app.deliver(&erasure(contact, CustomerId::new())).await;
        assert_eq!(follow().await.problem(), (404, "portal-complaint-not-found"));
        let rating = json!({"token": token, "attitude": 5, "result": 5});
        let request = reqwest::Client::new().post(format!("{}/api/v1/portal/ratings", app.url()));
        assert_eq!(client.send(request.json(&rating)).await.problem(), (404, "rating-unknown"));

        // One comes back, and would be tried again; one had just left.
        let bounce = json!({"outcome": "failed", "failure": format!("452 <{EMAIL}> is full"), "retry": true});
        let bounced = report(&app, first, &bounce).await;
        assert_eq!((bounced.state, bounced.failure.as_deref()), (MessageState::Failed, Some(ERASED)));
        assert_eq!(report(&app, last, &json!({"outcome": "sent"})).await.state, MessageState::Sent);
        assert!(claim_at(&app, Utc::now() + TimeDelta::days(30)).await.is_empty());

        // He may still write; who he is is not kept.
        assert_eq!(write(&client, "2", &receipt.number).await.outcome, MailOutcome::Joined);
        assert_eq!(traces(&app.db, &TEXTS).await, Vec::<String>::new());
        app.drain_outbox().await;
        let told: Vec<FollowUpChanged> = tap.events().await;
        let states: Vec<_> = told.iter().map(|FollowUpChanged(fact)| fact.state).collect();
        assert_eq!(states, [FollowUpState::Due, FollowUpState::Cancelled]);
    }

    async fn a_merge_of_his_customer_changes_nothing_of_it(db: TestDb) {
        let (app, client) = start(db).await;
        let (merged_id, survivor_id) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let contact = ContactId::new();
        let complaint = open(&client, &with(his(contact), json!({"customer_id": "C-000001"}))).await;
        let merge = |sequence| MergeFact { merge_id: MergeId::new(), merged_id, survivor_id, sequence };
        app.deliver(&CustomerMerged(merge(2))).await;
        app.deliver(&erasure(contact, merged_id)).await;
        let erased = read(&client, &complaint).await;
        assert_eq!((&erased.complainant, erased.customer_id, erased.version), (&None, Some(survivor_id), 3));
        app.deliver(&CustomerUnmerged(merge(3))).await;
        let back = read(&client, &complaint).await;
        assert_eq!((&back.complainant, back.customer_id), (&None, Some(merged_id)));
        assert_eq!(back.complainant_erased_at, erased.complainant_erased_at);
        assert_eq!(traces(&app.db, &TEXTS).await, Vec::<String>::new());
    }

    async fn nobody_is_sent_to_a_key_person_who_was_erased(db: TestDb) {
        let (app, client) = start_still(db).await;
        let customer_id = introduce(&app, "C-000001").await;
        let position_id = PositionId::new();
        app.deliver(&PositionCreated(PositionFact {
            position_id,
            customer_id,
            sequence: 1,
            decision_role: Some(DecisionRole::Decider),
            vote_weight: None,
            level: None,
            reports_to: None,
            closed_on: None,
        }))
        .await;
        let people = [ContactId::new(), ContactId::new()];
        for contact_id in people {
            app.deliver(&HoldingCreated(HoldingFact {
                holding_id: HoldingId::new(),
                contact_id,
                position_id,
                customer_id,
                from: day(300),
                until: None,
                sequence: 1,
            }))
            .await;
        }
        app.deliver(&erasure(people[0], customer_id)).await;
        look(&app, 0).await;
        let found = signals(&client, customer_id).await;
        assert_eq!(found.iter().map(|signal| signal.contact_id).collect::<Vec<_>>(), [Some(people[1])]);
        assert_eq!(found[0].eased_at, None);
        app.deliver(&erasure(people[1], customer_id)).await;
        look(&app, 0).await;
        assert!(signals(&client, customer_id).await[0].eased_at.is_some(), "nothing is found of him any more");
    }
}
