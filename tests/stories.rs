//! What users do, end to end through the gateway. Every story runs against every set-up.

use chrono::{Duration, SecondsFormat, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use system_tests::{Api, Build, PATIENCE, System, eventually};
use testkit::Bucket;
use uuid::Uuid;

macro_rules! against_every_set_up {
    ($($story:ident)*) => {
        mod embedded {
            use system_tests::{Build, System};
            $(#[tokio::test] async fn $story() { super::$story(System::embedded(&Build::this()).await).await; })*
        }
        mod distributed {
            use system_tests::{Build, System};
            $(#[tokio::test] async fn $story() { super::$story(System::distributed(&Build::this()).await).await; })*
        }
        #[cfg(feature = "elsewhere")]
        mod elsewhere {
            use system_tests::System;
            $(#[tokio::test] async fn $story() { super::$story(System::elsewhere()).await; })*
        }
    };
}

against_every_set_up! {
    a_complaint_is_answered_and_the_score_follows
    a_complaint_waits_for_its_customer
    two_records_of_one_customer_become_one_and_two_again
    a_person_who_is_erased_is_forgotten_everywhere
    wrong_input_is_told_field_by_field_and_changes_nothing
    a_repeated_request_is_done_once_and_a_stale_change_is_refused
    callers_do_what_their_roles_allow
    the_interface_describes_itself
}

/// The main job of the product, then a restart, after which all is as before.
async fn a_complaint_is_answered_and_the_score_follows(mut system: System) {
    let api = system.api().clone();
    let customer = api.post("/customers", &json!({ "name": unique("华兴电信"), "tier": "A", "owner": "li.wei" })).await;
    let id = text(&customer["id"]);
    let (wang, chen) = people_with_seats(&api, id).await;

    let at_first = eventually("a first score", PATIENCE, async || score(&api, id).await).await;
    assert_eq!(at_first["inputs"]["interactions"], 0, "{at_first}");

    api.post(
        "/interactions",
        &json!({
            "customer_id": id, "occurred_at": days_ago(3), "channel": "visit", "means": "technical_exchange",
            "subject": "Core network upgrade", "outcome": 3, "contact_ids": [wang, chen], "staff": ["li.wei"],
        }),
    )
    .await;
    let met = score_when(&api, id, "the interaction counted", |s| s["inputs"]["interactions"] == 1).await;
    assert!(number(&met["engagement"]) > number(&at_first["engagement"]), "{at_first} then {met}");

    let complaint = api.post("/complaints", &json!({
        "customer_id": id, "contact_id": wang, "channel": "phone", "subject": "Outage after the upgrade", "severity": 1,
        "description": "两小时无服务", "remedy_sought": "A report on the cause",
    }))
    .await;
    assert_eq!(complaint["state"], "received");
    let upset = score_when(&api, id, "the complaint counted", |s| s["inputs"]["complaints_open"] == 1).await;
    assert!(number(&upset["satisfaction"]) < number(&met["satisfaction"]), "{met} then {upset}");

    // People use the number, and it works wherever the id does.
    let steps = format!("/complaints/{}", text(&complaint["number"]));
    api.post(&format!("{steps}/acknowledgement"), &json!({ "note_to_customer": "We are on it." })).await;
    api.post(
        &format!("{steps}/assessment"),
        &json!({ "severity": 1, "handler": "zhao.min", "reason": "Service down" }),
    )
    .await;
    api.post(&format!("{steps}/responses"), &json!({ "note_to_customer": "A faulty line card; replaced." })).await;
    api.post(&format!("{steps}/resolution"), &json!({ "resolution": "Line card replaced, report sent" })).await;
    let settled = score_when(&api, id, "the resolution counted", |s| s["inputs"]["complaints_open"] == 0).await;
    assert!(number(&settled["satisfaction"]) > number(&upset["satisfaction"]), "{upset} then {settled}");
    assert!(settled["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{settled}");
    assert!(settled["policy_version"].is_string(), "{settled}");

    let whole = api.get(&format!("/customers/{id}/360")).await;
    assert_eq!(whole["customer"]["id"], customer["id"]);
    assert_eq!(ids(&whole["contacts"]), sorted([wang, chen]));
    assert_eq!(whole["positions"].as_array().map(Vec::len), Some(2), "{whole}");
    assert_eq!(whole["interactions"][0]["subject"], "Core network upgrade");
    assert_eq!(whole["complaints"][0]["state"], "resolved");
    assert_eq!(whole["score"]["version"], settled["version"]);
    assert_eq!(whole["unavailable"], json!([]));

    system.restart().await;
    let again = eventually("the same after the restart", PATIENCE, async || {
        let seen = api.try_get(&format!("/customers/{id}/360")).await?;
        if seen["unavailable"] == json!([]) { Ok(seen) } else { Err(seen.to_string()) }
    })
    .await;
    for part in ["customer", "contacts", "positions", "interactions", "complaints"] {
        assert_eq!(again[part], whole[part], "{part} after the restart");
    }
    assert_eq!(again["score"]["version"], whole["score"]["version"]);
}

/// A desk's ticket may come before the ERP's customer: nothing is refused, and they find each other.
async fn a_complaint_waits_for_its_customer(system: System) {
    let api = system.api();
    let external = json!({ "system": "erp", "id": unique("BP") });
    let complaint = api
        .post(
            "/complaints",
            &json!({ "customer_external": external, "channel": "desk", "subject": "Invoice shows the old address" }),
        )
        .await;
    assert_eq!((&complaint["customer_id"], &complaint["customer_known"]), (&Value::Null, &json!(false)));

    let path = format!("/customers/external/erp/{}", text(&external["id"]));
    let answer = api.send(api.request(Method::PUT, &path).json(&json!({ "name": unique("Nordwind GmbH") }))).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, StatusCode::CREATED, "{answer}");

    let linked = eventually("the complaint to find its customer", PATIENCE, async || {
        let seen = api.try_get(&format!("/complaints/{}", text(&complaint["id"]))).await?;
        if seen["customer_known"] == json!(true) { Ok(seen) } else { Err(seen.to_string()) }
    })
    .await;
    assert_eq!(linked["customer_id"], answer.body["id"]);
}

/// What a merge moves it moves in every service, and undoing it brings all of it back.
async fn two_records_of_one_customer_become_one_and_two_again(system: System) {
    let api = system.api();
    let name = unique("示例科技");
    let keeps = api.post("/customers", &json!({ "name": format!("{name}有限公司") })).await;
    let goes = api.post("/customers", &json!({ "name": name })).await;
    let (keeps, goes) = (text(&keeps["id"]), text(&goes["id"]));
    let wang = api.post("/contacts", &json!({ "customer_id": goes, "name": "王芳" })).await;
    api.post(
        "/interactions",
        &json!({
            "customer_id": goes, "occurred_at": days_ago(3), "channel": "call", "means": "routine_visit",
            "subject": "Delivery", "contact_ids": [wang["id"]],
        }),
    )
    .await;
    api.post("/complaints", &json!({ "customer_id": goes, "channel": "phone", "subject": "Line down" })).await;
    has_all(api, goes, 1).await;
    has_all(api, keeps, 0).await;

    let merge = api.request(Method::POST, &format!("/customers/{keeps}/merge")).header("if-match", "*");
    let merged = api.send(merge.json(&json!({ "merged_id": goes, "reason": "Entered twice" }))).await;
    let merged = merged.expect("an answer");
    assert_eq!(merged.status, StatusCode::CREATED, "{merged}");
    has_all(api, keeps, 1).await;
    assert_eq!(api.get(&format!("/customers/{goes}")).await["id"], keeps, "the old id leads on");

    api.post(&format!("/customers/{goes}/unmerge"), &json!({})).await;
    has_all(api, goes, 1).await;
    has_all(api, keeps, 0).await;
    assert_eq!(api.get(&format!("/customers/{goes}")).await["id"], goes);
}

/// Waits until every service says that the customer has so many of everything.
async fn has_all(api: &Api, customer: &str, expected: usize) {
    for path in ["contacts", "interactions", "complaints"] {
        eventually(&format!("{expected} {path}"), PATIENCE, async || {
            let list = api.try_get(&format!("/{path}?customer_id={customer}")).await?;
            if items(&list["items"]).len() == expected { Ok(()) } else { Err(list.to_string()) }
        })
        .await;
    }
    score_when(api, customer, "a score by all of it", |score| {
        score["inputs"]["interactions"] == expected && score["inputs"]["complaints_open"] == expected
    })
    .await;
}

/// Whom the registry erases the others forget; nobody is to approach him, and what comes late of him is not taken in.
async fn a_person_who_is_erased_is_forgotten_everywhere(system: System) {
    let api = system.api();
    let customer = api.post("/customers", &json!({ "name": unique("Fabrikam") })).await;
    let (name, email) = (unique("欧阳震华"), format!("{}@example.com", Uuid::now_v7().simple()));
    let contact = json!({ "customer_id": customer["id"], "name": name, "email": email });
    let contact = api.post("/contacts", &contact).await;
    let complaint = json!({
        "customer_id": customer["id"], "contact_id": contact["id"], "channel": "email", "subject": "Line down",
        "description": format!("{name} has no line."), "complainant": { "name": name, "email": email },
    });
    let opened = api.post("/complaints", &complaint).await;
    assert_eq!(opened["complainant"]["email"], email.as_str());
    let path = format!("/complaints/{}", text(&opened["number"]));
    for (step, body) in [
        ("responses", json!({ "note_to_customer": format!("Dear {name}, a line card is faulty.") })),
        ("acceptance", json!({})),
        ("resolution", json!({ "resolution": "Line card replaced" })),
        ("closure", json!({})),
    ] {
        api.post(&format!("{path}/{step}"), &body).await;
    }
    let customer = text(&customer["id"]);
    is_due(api, customer, 1).await;

    let erasure = api.request(Method::POST, &format!("/contacts/{}/erasure", text(&contact["id"])));
    let erased = api.send(erasure.header("if-match", "*").json(&json!({ "reason": "Case 4711" }))).await;
    let erased = erased.expect("an answer");
    assert_eq!(erased.status, StatusCode::OK, "{erased}");
    // Which complaints say in the transaction in which they forget him.
    is_due(api, customer, 0).await;
    let forgotten = api.get(&path).await;
    assert_eq!((&forgotten["complainant"], &forgotten["contact_id"]), (&Value::Null, &contact["id"]));
    let late = api.post("/complaints", &complaint).await;
    assert_eq!((&late["complainant"], &late["contact_id"]), (&Value::Null, &contact["id"]));
    for part in ["", "/history", "/messages"] {
        for path in [&path, &format!("/complaints/{}", text(&late["number"]))] {
            let kept = api.get(&format!("{path}{part}")).await.to_string();
            assert!(!kept.contains(&name) && !kept.contains(&email), "{part}: {kept}");
        }
    }
}

/// Waits until so many contacts with the customer are due.
async fn is_due(api: &Api, customer: &str, expected: usize) {
    eventually(&format!("{expected} due"), PATIENCE, async || {
        let agenda = api.try_get(&format!("/agenda?customer={customer}")).await?;
        if items(&agenda["items"]).len() == expected { Ok(()) } else { Err(agenda.to_string()) }
    })
    .await;
}

async fn wrong_input_is_told_field_by_field_and_changes_nothing(system: System) {
    let api = system.api();
    let customer = api.post("/customers", &json!({ "name": unique("Contoso") })).await;
    let id = text(&customer["id"]);

    let wrong = json!({ "customer_id": id, "name": "", "email": 7, "nick": "Bob" });
    let answer = api.answer_to_post("/contacts", &wrong).await;
    assert!([StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&answer.status), "{answer}");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let mut named: Vec<_> = items(&answer.body["errors"]).iter().map(|error| text(&error["pointer"])).collect();
    named.sort_unstable();
    assert_eq!(named, ["/email", "/name", "/nick"], "{answer}");
    assert_eq!(api.get(&format!("/contacts?customer_id={id}")).await["items"], json!([]));

    let wrong = json!({ "customer_id": id, "channel": "pigeon", "means": "routine_visit", "occurred_at": "yesterday", "subject": "x" });
    let answer = api.answer_to_post("/interactions", &wrong).await;
    let mut named: Vec<_> = items(&answer.body["errors"]).iter().map(|error| text(&error["pointer"])).collect();
    named.sort_unstable();
    assert_eq!(named, ["/channel", "/occurred_at"], "{answer}");
    assert_eq!(api.get(&format!("/interactions?customer_id={id}")).await["items"], json!([]));

    for (request, status) in [
        (
            api.request(Method::POST, "/complaints").header("content-type", "application/json").body("{\"subject\": "),
            400,
        ),
        (api.request(Method::POST, "/complaints").header("content-type", "text/plain").body("{}"), 415),
        (api.request(Method::GET, "/customers?limit=9999"), 400),
        (api.request(Method::GET, "/customers?colour=red"), 400),
        (api.request(Method::GET, &format!("/customers/{}", Uuid::now_v7())), 404),
        (api.request(Method::GET, "/no-such-thing"), 404),
        (api.request(Method::DELETE, "/customers"), 405),
        (
            api.request(Method::POST, "/customers")
                .header("content-type", "application/json")
                .body(vec![b' '; 2 << 20]),
            413,
        ),
    ] {
        let answer = api.send(request).await.expect("an answer");
        assert_eq!(answer.status, status, "{answer}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer}");
        for field in ["type", "title", "status", "code", "trace_id"] {
            assert!(!answer.body[field].is_null(), "no {field} in {answer}");
        }
    }
}

async fn a_repeated_request_is_done_once_and_a_stale_change_is_refused(system: System) {
    let api = system.api();
    let (key, name) = (Uuid::now_v7().to_string(), unique("Initech"));
    let create = async |body: &Value| {
        let request = api.request(Method::POST, "/customers").header("idempotency-key", &key).json(body);
        api.send(request).await.expect("an answer")
    };
    let body = json!({ "name": name });
    let (first, second) = (create(&body).await, create(&body).await);
    assert_eq!((first.status, &first.body["id"]), (second.status, &second.body["id"]), "{first} and {second}");
    assert_eq!(create(&json!({ "name": "another" })).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let path = format!("/customers/{}", text(&first.body["id"]));
    let patch = async |tag: Option<&str>, industry: &str| {
        let request = api.request(Method::PATCH, &path).header("content-type", "application/merge-patch+json");
        let request = request.body(json!({ "industry": industry }).to_string());
        let request = match tag {
            Some(tag) => request.header("if-match", tag),
            None => request,
        };
        api.send(request).await.expect("an answer")
    };
    let read = api.send(api.request(Method::GET, &path)).await.expect("an answer");
    let tag = read.headers["etag"].to_str().expect("a plain tag").to_owned();
    assert_eq!(patch(None, "energy").await.status, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(patch(Some(&tag), "energy").await.status, StatusCode::OK);
    assert_eq!(patch(Some(&tag), "rail").await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(api.get(&path).await["industry"], "energy");
}

async fn callers_do_what_their_roles_allow(system: System) {
    let api = system.api();
    let key = api.post("/api-keys", &json!({ "name": unique("wallboard"), "roles": ["viewer"] })).await;
    let viewer = api.with_key(Some(text(&key["key"])));
    assert_eq!(viewer.get("/me").await["roles"], json!(["viewer"]));
    viewer.get("/customers?limit=1").await;

    for (caller, status) in
        [(viewer, 403), (api.with_key(None), 401), (api.with_key(Some("gx_deadbeef_nonsense")), 401)]
    {
        let answer = caller.answer_to_post("/customers", &json!({ "name": "nobody's" })).await;
        assert_eq!(answer.status, status, "{answer}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
}

async fn the_interface_describes_itself(system: System) {
    let api = system.api().with_key(None);
    let document = api.get("//openapi.json").await;
    assert!(text(&document["openapi"]).starts_with("3.1"));
    for path in [
        "/customers",
        "/interactions",
        "/complaints/{id}/responses",
        "/customers/{id}/score",
        "/customers/{id}/360",
        "/api-keys",
    ] {
        assert!(document["paths"][format!("/api/v1{path}")].is_object(), "{path} is not described");
    }
    let page = api.send(api.request(Method::GET, "//docs/")).await.expect("an answer");
    assert_eq!(page.status, StatusCode::OK);
    for host in ["cdn.", "unpkg", "jsdelivr"] {
        assert!(!page.body.to_string().contains(host), "the documentation needs {host}");
    }
}

/// Files go to where the operator says, a bucket here, and come back from there after a restart.
#[tokio::test]
async fn files_of_complaints_are_kept_in_a_bucket() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
    let bucket = Bucket::start().await;
    let variables = bucket.environment();
    let url = ("GUANXI_COMPLAINTS__ATTACHMENTS_URL", bucket.url("complaints"));
    let settings: Vec<_> = variables.iter().chain([&url]).map(|(name, value)| (*name, value.as_str())).collect();
    let mut system = System::embedded_with(&Build::this(), &settings).await;
    let api = system.api().clone();
    let complaint =
        api.post("/complaints", &json!({ "channel": "phone", "subject": "Line down", "severity": 2 })).await;
    let files = format!("/complaints/{}/attachments", text(&complaint["number"]));
    // More than one part of an upload, and one that is refused at its end.
    let (photo, huge) = ([PNG, &[7; 6 << 20]].concat(), [PNG, &[7; 11 << 20]].concat());
    let send = async |content: Vec<u8>| {
        let request = api.request(Method::POST, &files).header("content-type", "application/octet-stream");
        let request = request.header("content-disposition", "attachment; filename=photo.png");
        api.send(request.body(content)).await.expect("an answer")
    };
    let kept = send(photo.clone()).await;
    assert_eq!(
        (kept.status, &kept.body["name"], &kept.body["size"]),
        (StatusCode::CREATED, &json!("photo.png"), &json!(photo.len()))
    );
    assert_eq!(send(huge).await.body["code"], "attachment-too-large");

    let objects = std::fs::read_dir(bucket.folder("complaints").join(text(&complaint["id"]))).expect("a folder");
    let objects: Vec<_> = objects.map(|object| object.expect("an object").file_name()).collect();
    assert_eq!(objects, [text(&kept.body["id"])]);

    system.restart().await;
    let content = api.request(Method::GET, &format!("{files}/{}/content", text(&kept.body["id"])));
    let content = content.send().await.expect("an answer").bytes().await.expect("the file");
    assert!(content == photo, "{} bytes came back, other ones", content.len());
}

/// Two contacts, each on a seat of the decision chain.
async fn people_with_seats(api: &Api, customer: &str) -> (String, String) {
    let mut people = Vec::new();
    for (name, title, role) in [("王芳", "CIO", "decider"), ("Chen Lin", "Head of networks", "evaluator")] {
        let contact = api.post("/contacts", &json!({ "customer_id": customer, "name": name, "title": title })).await;
        let seat = json!({ "title": title, "level": 1, "decision_role": role, "vote_weight": 50 });
        let seat = api.post(&format!("/customers/{customer}/positions"), &seat).await;
        let contact = text(&contact["id"]).to_owned();
        let holding = json!({ "position_id": seat["id"], "from": "2025-01-01" });
        api.post(&format!("/contacts/{contact}/holdings"), &holding).await;
        people.push(contact);
    }
    let chen = people.pop().expect("two people");
    (people.pop().expect("two people"), chen)
}

async fn score(api: &Api, customer: &str) -> Result<Value, String> {
    api.try_get(&format!("/customers/{customer}/score")).await
}

async fn score_when(api: &Api, customer: &str, what: &str, right: impl Fn(&Value) -> bool) -> Value {
    eventually(what, PATIENCE, async || {
        let score = score(api, customer).await?;
        if right(&score) { Ok(score) } else { Err(score.to_string()) }
    })
    .await
}

/// A name no other test uses, for systems that several share.
fn unique(name: &str) -> String {
    format!("{name} {}", &Uuid::now_v7().simple().to_string()[20..])
}

fn days_ago(days: i64) -> String {
    (Utc::now() - Duration::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

fn items(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn ids(value: &Value) -> Vec<String> {
    sorted(items(value).iter().map(|item| text(&item["id"]).to_owned()))
}

fn sorted(ids: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids
}
