use std::collections::{BTreeMap, BTreeSet};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use complaints_contract::v1::{
    ESCALATION_FIRED, EXECUTIVE_CONTACT_PROPOSED, EscalationFired, ExecutiveContactProposed,
};
use complaints_contract::{Clock, Complaint, ComplaintClocks, Escalation, Role};
use database::{Backend, Db, Options, on};
use diesel_async::RunQueryDsl;
use messaging::Act;
use registry_contract::v1::{EmployeeChanged, EmployeeFact, EmployeeTeam, TeamMemberChanged, TeamMemberFact};
use registry_contract::{CustomerId, EmployeeId, TeamId, TeamMemberId, TeamRole};
use serde_json::json;
use testkit::{App, Client, both, eventually};
use wire::{Page, Reference};

use crate::support::{PATH, grievance, instant, introduce, open, start, start_quiet, step, with};

/// A Wednesday, 9:30 in Shanghai.
const MORNING: &str = "2026-03-04T01:30:00Z";

async fn escalations(client: &Client, complaint: &Complaint) -> Vec<Escalation> {
    let path = format!("{PATH}/{}/escalations?limit=200", complaint.id);
    client.get(&path).await.read::<Page<Escalation>>(200).items
}

async fn steps(client: &Client, complaint: &Complaint) -> Vec<(Clock, i32)> {
    let mut steps: Vec<_> =
        escalations(client, complaint).await.iter().map(|fired| (fired.clock, fired.percent)).collect();
    steps.sort_unstable();
    steps
}

async fn fire(app: &App, at: &str) -> usize {
    complaints::fire_escalations(&app.db, instant(at), 100).await.expect("escalated")
}

/// Has a complaint come by a way that need not exist.
async fn come_by(app: &App, complaint: &Complaint, channel: &str) {
    let mut tx = app.db.begin().await.expect("a transaction");
    let sql = format!("UPDATE complaints SET channel = '{channel}' WHERE number = '{}'", complaint.number);
    on!(tx, |c| diesel::sql_query(&sql).execute(c).await).expect("changed");
    tx.commit().await.expect("a commit");
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn colleague(
    employee_id: EmployeeId,
    code: &str,
    team: Option<EmployeeTeam>,
    manager_id: Option<EmployeeId>,
    until: Option<&str>,
) -> EmployeeChanged {
    EmployeeChanged(EmployeeFact {
        employee_id,
        sequence: 1,
        code: code.to_owned(),
        team,
        active_from: day("2020-01-01"),
        active_until: until.map(day),
        manager_id,
    })
}

fn member(
    customer_id: CustomerId,
    employee_id: EmployeeId,
    role: TeamRole,
    from: &str,
    until: Option<&str>,
) -> TeamMemberChanged {
    TeamMemberChanged(TeamMemberFact {
        team_member_id: TeamMemberId::new(),
        customer_id,
        sequence: 1,
        employee_id,
        role,
        from: day(from),
        until: until.map(day),
    })
}

/// Work that is killed after it has been woken so many times.
struct Mortal<W> {
    work: W,
    lives: u32,
}

impl<W: Future + Unpin> Future for Mortal<W> {
    type Output = Option<W::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.lives == 0 {
            return Poll::Ready(None);
        }
        self.lives -= 1;
        Pin::new(&mut self.work).poll(context).map(Some)
    }
}

/// A replica that is killed over and over, each time a little later in its work, until that is done; then its next work
/// begins with another short life. Goes on until nothing is due any more, and says how often it was killed.
async fn replica(url: String, now: DateTime<Utc>, seed: u32) -> u32 {
    let db = Db::open(&url, Options::default()).expect("a database");
    let (mut killed, mut done, mut lives) = (0, 0, seed);
    while complaints::next_escalation(&db).await.expect("readable").is_some_and(|next| next <= now) {
        let work = pin!(complaints::fire_escalations(&db, now, 1));
        match (Mortal { work, lives }).await {
            Some(fired) => {
                fired.expect("escalated");
                done += 1;
                lives = (seed + done * 5) % 17;
            }
            None => {
                killed += 1;
                lives += lives / 4 + 1;
            }
        }
        tokio::task::yield_now().await;
    }
    killed
}

both! {
    async fn the_ladder_is_climbed_once(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let tap = app.bus.tap(&[ESCALATION_FIRED, EXECUTIVE_CONTACT_PROPOSED]).await;
        let body = json!({"received_at": MORNING, "handler": "wang.fang"});
        let complaint = open(&client, &with(grievance(), body)).await;
        // To acknowledge there are 6 working hours, with a break from 12 to 13.
        assert_eq!(fire(&app, "2026-03-04T05:29:59Z").await, 0);
        assert_eq!(fire(&app, "2026-03-04T05:30:00Z").await, 1);
        assert_eq!(fire(&app, "2026-03-04T05:30:00Z").await, 0);
        assert_eq!(fire(&app, "2026-03-04T08:30:00Z").await, 2);
        step(&client, &complaint, "acknowledgement").await.expect(200);
        assert_eq!(steps(&client, &complaint).await, [50, 75, 100].map(|percent| (Clock::Acknowledge, percent)));
        // What has stopped is not told any more; the first response had 16 working hours.
        assert_eq!(fire(&app, "2026-03-05T03:00:00Z").await, 1);
        let last = escalations(&client, &complaint).await.pop().expect("one");
        assert_eq!((last.clock, last.percent, last.due_at), (Clock::FirstResponse, 50, instant("2026-03-05T01:30:00Z")));
        assert_eq!(last.fired_at, instant("2026-03-05T03:00:00Z"));

        app.drain_outbox().await;
        let told = tap.events::<EscalationFired>().await;
        assert_eq!(told.len(), 4);
        let first = told.iter().find(|event| event.percent == 50 && event.clock == Clock::Acknowledge).expect("one");
        let recipients: Vec<_> = first.recipients.iter().map(|to| (to.role, to.user.as_deref())).collect();
        assert_eq!(recipients, [(Role::Handler, Some("wang.fang"))]);
        assert!(tap.events::<ExecutiveContactProposed>().await.is_empty());
    }

    async fn each_step_goes_to_who_stands_for_its_roles_then(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let tap = app.bus.tap(&[ESCALATION_FIRED]).await;
        let customer_id = introduce(&app, "C-000001").await;
        let [wang, chen, zhao, sun, gone] = [(); 5].map(|()| EmployeeId::new());
        let team = Some(EmployeeTeam {
            id: TeamId::new(),
            code: "T-REPAIR".to_owned(),
            name: "Line repair".to_owned(),
            lead_id: Some(gone),
        });
        for (id, code, team, manager, until) in [
            (wang, "Wang.Fang", team.clone(), Some(chen), None),
            // The lead left; he reported to Chen, and Chen to Zhao.
            (gone, "left", team, Some(chen), Some("2026-01-01")),
            (chen, "chen", None, Some(zhao), None),
            (zhao, "zhao", None, None, None),
            (sun, "sun", None, None, None),
        ] {
            app.deliver(&colleague(id, code, team, manager, until)).await;
        }
        for (number, role, from, until) in [
            (1, TeamRole::ExecutiveSponsor, "2026-01-01", None),
            (2, TeamRole::Service, "2025-01-01", None),
            (3, TeamRole::ExecutiveSponsor, "2024-01-01", Some("2026-01-01")),
        ] {
            let employee_id = if number == 1 { sun } else { chen };
            app.deliver(&member(customer_id, employee_id, role, from, until)).await;
        }
        let body = json!({"received_at": MORNING, "customer_id": "C-000001", "handler": "wang.fang"});
        let complaint = open(&client, &with(grievance(), body)).await;
        let unowned = open(&client, &with(grievance(), json!({"received_at": MORNING}))).await;
        while fire(&app, "2026-06-30T00:00:00Z").await > 0 {}

        let mut told = BTreeMap::new();
        for fired in escalations(&client, &complaint).await.into_iter().filter(|fired| fired.clock == Clock::Acknowledge) {
            assert_eq!(fired.number, complaint.number);
            told.extend(fired.recipients.into_iter().map(|to| ((fired.percent, to.role), to.user)));
        }
        let user = |name: &str| Some(name.to_owned());
        let expected = BTreeMap::from([
            ((50, Role::Handler), user("wang.fang")),
            ((75, Role::Lead), user("chen")),
            ((100, Role::Head), user("zhao")),
            ((100, Role::AccountOwner), user("li.wei")),
            ((150, Role::ExecutiveSponsor), user("sun")),
        ]);
        assert_eq!(told, expected);
        let nobody = escalations(&client, &unowned).await;
        assert!(nobody.iter().flat_map(|fired| &fired.recipients).all(|to| to.user.is_none()));
        app.drain_outbox().await;
        let events = tap.events::<EscalationFired>().await;
        let sponsor = |fired: &&EscalationFired| fired.complaint_id == complaint.id && fired.percent == 150;
        let sponsors: Vec<_> = events.iter().filter(sponsor).map(|fired| fired.recipients[0].user.clone()).collect();
        assert_eq!(sponsors, vec![user("sun"); Clock::ALL.len()]);

        // What is escalated to somebody, as long as there is something to see to.
        let of = async |query: &str| {
            let path = format!("/api/v1/complaint-escalations?limit=200&{query}");
            client.get(&path).await.read::<Page<Escalation>>(200).items
        };
        let clocks = Clock::ALL.len();
        assert_eq!(of("recipient=CHEN&running=true").await.len(), clocks);
        assert_eq!(of("recipient=chen,sun").await.len(), 2 * clocks);
        assert_eq!(of("").await.len(), 2 * 4 * clocks);
        step(&client, &complaint, "acknowledgement").await.expect(200);
        // It tells the customer something, and so ends the run of the next update besides.
        assert_eq!(of("recipient=chen&running=true").await.len(), clocks - 2);
        assert_eq!(of("recipient=chen&running=false").await.len(), 2);
        client.patch(&format!("{PATH}/{}", complaint.id), "*", &json!({"about_staff": "li.wei"})).await.expect(200);
        let other = app.client(&["complaints:read"]);
        let listed: Page<Escalation> = other.get("/api/v1/complaint-escalations?recipient=chen").await.read(200);
        assert!(listed.items.is_empty(), "it is about our people now");
    }

    async fn what_is_about_our_people_is_escalated_as_such(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let tap = app.bus.tap(&[ESCALATION_FIRED]).await;
        let about = json!({"received_at": MORNING, "handler": "wang.fang", "about_staff": "li.wei"});
        open(&client, &with(grievance(), about)).await;
        assert_eq!(fire(&app, "2026-03-04T05:30:00Z").await, 1);
        app.drain_outbox().await;
        let told = tap.events::<EscalationFired>().await;
        assert_eq!(told.iter().map(|event| event.restricted).collect::<Vec<_>>(), [true]);
        assert!(told[0].recipients.iter().all(|to| to.user.is_none()));
    }

    async fn a_waiting_clock_climbs_no_ladder_and_a_new_policy_repeats_no_step(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let complaint = open(&client, &with(grievance(), json!({"received_at": MORNING}))).await;
        assert_eq!(fire(&app, "2026-03-04T08:30:00Z").await, 3);
        // The step at 50 % comes later by the new policy, and is not taken again; 60 % is lower than what was told.
        let target = json!({"minutes": 14_400});
        let ladder = [50, 60, 75, 100, 150].map(|percent| json!({"percent": percent, "recipients": ["lead"]}));
        let policy = json!({
            "name": "Slow",
            "rows": [{"acknowledge": target, "first_response": target, "resolution": target}],
            "ladder": ladder,
        });
        client.post("/api/v1/sla-policies", &policy).await.expect(201);
        while complaints::rebuild_clocks(&app.db, Utc::now()).await.expect("a rebuild") > 0 {}
        assert_eq!(fire(&app, "2026-03-09T01:29:59Z").await, 0);
        // Half of ten days.
        assert_eq!(fire(&app, "2026-03-09T01:30:00Z").await, 2);
        assert_eq!(fire(&app, "2026-04-04T01:30:00Z").await, 1 + 2 * 4);
        let told = steps(&client, &complaint).await;
        assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len());
        let acknowledge: Vec<_> = told.iter().filter(|(clock, _)| *clock == Clock::Acknowledge).map(|step| step.1).collect();
        assert_eq!(acknowledge, [50, 75, 100, 150]);
    }

    async fn the_gravest_complaint_of_a_strategic_customer_goes_to_the_sponsor_at_once(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[ESCALATION_FIRED, EXECUTIVE_CONTACT_PROPOSED]).await;
        introduce(&app, "C-000001").await;
        let complaint = open(&client, &with(grievance(), json!({"customer_id": "C-000001", "severity": 1}))).await;
        let minor = open(&client, &with(grievance(), json!({"customer_id": "C-000001", "severity": 2}))).await;
        let fired = eventually(|| async {
            let fired = escalations(&client, &complaint).await;
            if fired.is_empty() { Err("nobody is told") } else { Ok(fired) }
        })
        .await;
        let told: Vec<_> = fired[0].recipients.iter().map(|to| (to.role, to.user.as_deref())).collect();
        assert_eq!((fired.len(), fired[0].percent, told), (1, 0, vec![(Role::ExecutiveSponsor, None)]));
        assert!(fired[0].executive_contact_proposed);
        app.drain_outbox().await;
        let proposed = tap.events::<ExecutiveContactProposed>().await;
        assert_eq!((proposed.len(), proposed[0].complaint_id, Some(proposed[0].customer_id)), (1, complaint.id, complaint.customer_id));

        // It became as grave later; and telling it again changes nothing.
        let graver = client.patch(&format!("{PATH}/{}", minor.id), "*", &json!({"severity": 1})).await;
        graver.expect(200);
        client.patch(&format!("{PATH}/{}", complaint.id), "*", &json!({"subject": "Lines down"})).await.expect(200);
        eventually(|| async {
            let fired = escalations(&client, &minor).await.len();
            if fired == 1 { Ok(()) } else { Err(fired) }
        })
        .await;
        assert_eq!(escalations(&client, &complaint).await.len(), 1);

        // Who has lost what was told hears the same again.
        app.drain_outbox().await;
        let proposals = async || {
            let told = tap.events::<ExecutiveContactProposed>().await;
            told.into_iter().map(|told| (told.escalation_id, told.proposed_at)).collect::<Vec<_>>()
        };
        let before = proposals().await;
        let republish = complaints::SERVICE.republish.expect("a republication");
        republish(app.context().clone()).await.expect("told");
        app.drain_outbox().await;
        assert_eq!(before.len(), 2);
        let twice: Vec<_> = before.into_iter().flat_map(|one| [one, one]).collect();
        assert_eq!(proposals().await, twice);

        // It turns out to be about our own people.
        client.patch(&format!("{PATH}/{}", minor.id), "*", &json!({"about_staff": "li.wei"})).await.expect(200);
        app.drain_outbox().await;
        let told = tap.events::<ExecutiveContactProposed>().await;
        let last = told.iter().filter(|told| told.complaint_id == minor.id).max_by_key(|told| told.sequence).expect("one");
        assert!(last.restricted && told.iter().filter(|told| told.restricted).count() == 1, "{told:?}");
    }

    async fn two_replicas_that_are_killed_over_and_over_tell_each_once(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let tap = app.bus.tap(&[ESCALATION_FIRED]).await;
        let mut all = vec![];
        for _ in 0..12 {
            all.push(open(&client, &with(grievance(), json!({"received_at": MORNING}))).await);
        }
        // Four clocks have run out by a third; the resolution, of 15 working days, too.
        let now = instant("2026-06-30T00:00:00Z");
        let workers = (1..=2).map(|seed| tokio::spawn(replica(app.db.url().to_owned(), now, seed * 13)));
        let killed: u32 = futures::future::join_all(workers).await.into_iter().map(|killed| killed.expect("a replica")).sum();
        if app.db.backend() == Backend::Postgres {
            assert!(killed > 20, "killed {killed} times");
        }
        let every: Vec<_> = Clock::ALL.iter().flat_map(|clock| [50, 75, 100, 150].map(|percent| (*clock, percent))).collect();
        for complaint in &all {
            assert_eq!(steps(&client, complaint).await, every);
        }
        app.drain_outbox().await;
        let told = tap.events::<EscalationFired>().await;
        let distinct: BTreeSet<_> = told.iter().map(|event| (event.complaint_id, event.clock, event.percent)).collect();
        assert_eq!((told.len(), distinct.len()), (12 * 20, 12 * 20));
    }

    async fn a_complaint_that_nobody_can_read_stops_no_other(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let [broken, whole] = [
            open(&client, &with(grievance(), json!({"received_at": MORNING}))).await,
            open(&client, &with(grievance(), json!({"received_at": MORNING}))).await,
        ];
        come_by(&app, &broken, "pigeon").await;
        assert_eq!(fire(&app, "2026-03-04T05:30:00Z").await, 1);
        assert_eq!(steps(&client, &whole).await, [(Clock::Acknowledge, 50)]);
        assert_eq!(fire(&app, "2026-03-04T05:30:00Z").await, 0, "it is put off");
        come_by(&app, &broken, "phone").await;
        assert_eq!(fire(&app, "2026-03-04T05:35:00Z").await, 1);
        assert_eq!(steps(&client, &broken).await, [(Clock::Acknowledge, 50)]);
    }

    async fn a_complaint_that_nobody_can_read_keeps_no_other_from_being_reckoned_anew(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let first = open(&client, &with(grievance(), json!({"received_at": MORNING}))).await;
        let broken = open(&client, &with(grievance(), json!({"received_at": MORNING}))).await;
        let last = open(&client, &with(grievance(), json!({"received_at": MORNING}))).await;
        come_by(&app, &broken, "pigeon").await;
        let target = json!({"minutes": 14_400});
        let rows = json!([{"acknowledge": target, "first_response": target, "resolution": target}]);
        let policy = json!({"name": "Slow", "rows": rows, "ladder": [{"percent": 50, "recipients": ["lead"]}]});
        client.post("/api/v1/sla-policies", &policy).await.expect(201);
        while complaints::rebuild_clocks(&app.db, Utc::now()).await.expect("a rebuild") > 0 {}
        for complaint in [&first, &last] {
            let clocks: ComplaintClocks = client.get(&format!("{PATH}/{}/clocks", complaint.id)).await.read(200);
            let due = clocks.clocks.iter().map(|clock| clock.due_at).collect::<BTreeSet<_>>();
            assert_eq!(due, BTreeSet::from([Some(instant("2026-03-14T01:30:00Z"))]));
        }
        // All that is left of the old policy is what is put off.
        assert_eq!(fire(&app, "2026-03-04T08:30:00Z").await, 0);
    }

    async fn the_scheduler_finds_what_is_due_by_its_index(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let rows: Vec<_> = (0..400).map(|n| with(grievance(), json!({"severity": n % 4 + 1}))).collect();
        client.post(&format!("{PATH}/bulk"), &json!({"complaints": rows})).await.expect(200);
        let mut conn = app.db.read().await.expect("a connection");
        let now = Utc::now() - TimeDelta::days(1);
        let plan: Vec<String> = on!(
            conn,
            pg: |c| {
                diesel::sql_query("ANALYZE").execute(c).await?;
                let claim = complaints::CLAIM_ON_POSTGRES
                    .replace("$1", &format!("'{}'", now.to_rfc3339()))
                    .replace("$2", "20");
                diesel::dsl::sql::<diesel::sql_types::Text>(&format!("EXPLAIN {claim}")).load(c).await
            },
            lite: |c| {
                let claim = complaints::CLAIM_ON_SQLITE.replace("?1", "1").replace("?2", "20");
                let explain = format!("EXPLAIN QUERY PLAN {claim}");
                #[derive(diesel::QueryableByName)]
                struct Plan {
                    #[diesel(sql_type = diesel::sql_types::Text)]
                    detail: String,
                }
                let plan: Vec<Plan> = diesel::sql_query(explain).load(c).await?;
                Ok(plan.into_iter().map(|plan| plan.detail).collect())
            },
        )
        .expect("a plan");
        let plan = plan.join("\n");
        assert!(plan.contains("due_times_escalate"), "{plan}");
        assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN due_times\n"), "{plan}");
    }
}

#[tokio::test]
async fn a_complaint_is_escalated_by_the_time_it_is_given() {
    let (app, client) = start_quiet(testkit::TestDb::sqlite()).await;
    let complaint = open(&client, &with(grievance(), json!({"received_at": MORNING}))).await;
    let act = Act::system(instant("2026-03-04T02:00:00Z"));
    let note = complaints_contract::NewResponse { note_to_customer: "Found".to_owned() };
    complaints::respond_to_complaint(
        &app.db,
        &act,
        &complaints::domain::Authority::House,
        &Reference::Id(complaint.id),
        note,
    )
    .await
    .expect("answered");
    assert_eq!(fire(&app, "2026-03-04T08:30:00Z").await, 0);
}
