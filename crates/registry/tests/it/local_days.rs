//! Today is the customer's: where it is, and not where the clock of the service is.

use chassis::http::IfMatch;
use chrono::{DateTime, NaiveDate, Utc};
use database::PageRequest;
use messaging::Act;
use registry::domain::local_day::day_at;
use registry_contract::{
    Customer, Lifecycle, NewCustomer, NewStance, NewTeamMember, OrderFact, ProfileContent, ProfileEdit, ProfileSection,
    Saying, Stance, StrategyAndPainPoints, TeamRole,
};
use serde_json::json;
use testkit::{App, both};
use wire::Reference;

use crate::support::{at, create, hold, person, seat, start};

/// Half past two in the morning in Shanghai, of the 5th; the 4th in UTC.
const NIGHT: &str = "2026-03-04T18:30:00Z";

fn act(at: &str) -> Act {
    Act::new("user:1", None, at.parse::<DateTime<Utc>>().expect("an instant"))
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// As a new customer is unless it is said to be elsewhere: in Shanghai.
async fn shanghai(app: &App) -> Customer {
    let act = act("2026-01-01T00:00:00Z");
    registry::create_customer(&app.context().db, &act, NewCustomer::named("Acme")).await.expect("created")
}

fn saying(said_on: &str) -> ProfileEdit<ProfileContent> {
    let goal = Saying {
        key: "speed".into(),
        words: "我们要快".into(),
        source: "年会".into(),
        said_on: day(said_on),
        evidence: None,
        reading: None,
    };
    let content = StrategyAndPainPoints { goals: vec![goal], pain_points: vec![] };
    ProfileEdit { content: content.into(), evidence: vec![], valid_until: None }
}

both! {
    async fn what_happened_today_is_not_in_the_future(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = shanghai(&app).await;
        let (db, reference) = (&app.context().db, Reference::Id(customer.id));
        let order = async |id: &'static str, ordered_on: &str| {
            let fact = OrderFact { ordered_on: day(ordered_on), cancelled: false, source_updated_at: None };
            registry::record_order(db, &act(NIGHT), &reference, ("erp", id), fact).await
        };
        assert_eq!(order("1", "2026-03-05").await.expect("an order of today").stage, Lifecycle::FirstPurchase);
        assert!(order("2", "2026-03-06").await.is_err(), "tomorrow");

        let contact = person(&client, &customer, "Li").await;
        let seat = seat(&client, &customer, json!({ "title": "CTO" })).await;
        hold(&client, &contact, &seat, "2026-01-01", None).await;
        let stance = async |read_on: &str| {
            let new = NewStance {
                contact_id: contact.id,
                opportunity_id: None,
                stance: Stance::Neutral,
                read_on: day(read_on),
                read_by: "li.wei".into(),
                note: None,
            };
            registry::create_stance(db, &act(NIGHT), seat.id, new).await
        };
        assert_eq!(stance("2026-03-05").await.expect("a stance of today").read_on, day("2026-03-05"));
        assert!(stance("2026-03-06").await.is_err(), "tomorrow");

        let strategy = ProfileSection::StrategyAndPainPoints;
        let edit = async |said_on: &str| {
            registry::edit_profile(db, &act(NIGHT), &reference, strategy, IfMatch::Any, saying(said_on)).await
        };
        edit("2026-03-05").await.expect("said today");
        assert!(edit("2026-03-06").await.is_err(), "tomorrow");
    }

    async fn a_customer_lapses_with_its_own_days(db: TestDb) {
        let (app, _client) = start(db).await;
        let customer = shanghai(&app).await;
        let (db, reference) = (&app.context().db, Reference::Id(customer.id));
        // Years ahead of the service's own round.
        let fact = OrderFact { ordered_on: day("2098-03-04"), cancelled: false, source_updated_at: None };
        let before = act("2099-03-04T12:00:00Z");
        let history = registry::record_order(db, &before, &reference, ("erp", "1"), fact).await.expect("an order");
        assert_eq!(history.stage, Lifecycle::FirstPurchase, "365 days before");
        assert_eq!(registry::lapse_silent_customers(db, &before).await.expect("a database"), 0);
        let night = act("2099-03-04T18:30:00Z");
        assert_eq!(registry::lapse_silent_customers(db, &night).await.expect("a database"), 1);
    }

    async fn a_member_of_today_works_for_the_customer_today(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = shanghai(&app).await;
        let db = &app.context().db;
        let new = json!({ "code": "wang", "name": "Wang", "active_from": "2020-01-01" });
        client.post("/api/v1/employees", &new).await.expect(201);
        let wang = Reference::Code("wang".to_owned());
        let member = NewTeamMember { employee: wang.clone(), role: TeamRole::Service, from: None, until: None };
        let member = registry::create_team_member(db, &act(NIGHT), &Reference::Id(customer.id), member).await;
        assert_eq!(member.expect("a member").from, day("2026-03-05"));
        // Elsewhere it is another day: when he joins in Shanghai, it is still his last one in New York.
        let away = create(&client, json!({ "name": "Away", "time_zone": "America/New_York" })).await;
        let left = json!({ "employee": "wang", "role": "delivery", "from": "2026-01-01", "until": "2026-03-05" });
        client.post(&format!("{}/team", at(&away)), &left).await.expect(201);

        let listed = async |now: &str| {
            let page = PageRequest { limit: 10, sort: vec![], after: None, count: true };
            let now = now.parse().expect("an instant");
            let listed = registry::list_employee_customers(db, &wang, now, &page).await.expect("a database");
            let names: Vec<_> = listed.items.iter().map(|one| (one.name.clone(), one.roles.clone())).collect();
            assert_eq!(listed.count, i64::try_from(names.len()).ok());
            names
        };
        let (acme, gone) = (("Acme".to_owned(), vec![TeamRole::Service]), ("Away".to_owned(), vec![TeamRole::Delivery]));
        assert_eq!(listed("2026-03-04T15:59:00Z").await, std::slice::from_ref(&gone), "it is the 4th in both");
        assert_eq!(listed(NIGHT).await, [acme.clone(), gone]);
        assert_eq!(listed("2026-03-05T05:00:00Z").await, [acme]);
    }

    async fn what_is_read_of_today_is_read_of_the_customers(db: TestDb) {
        let (_app, client) = start(db).await;
        for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let customer = create(&client, json!({ "name": zone, "time_zone": zone })).await;
            for path in ["decision-chain", "profile"] {
                let before = day_at(Utc::now(), zone).to_string();
                let shown = client.get(&format!("{}/{path}", at(&customer))).await.expect(200);
                let after = day_at(Utc::now(), zone).to_string();
                assert!(shown["as_of"] == before.as_str() || shown["as_of"] == after.as_str(), "{zone} {path}: {shown}");
            }
        }
    }
}
