package client

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// GroupMember is the membership of one consumer in one group of the same environment.
type GroupMember struct {
	EnvironmentID, GroupID, ConsumerID string
	// GroupName and Email are the names of the two, where Cortex showed them.
	GroupName, Email string
}

const memberNoun = "consumer group member"

// Ref implements Object. The id of a membership is those of its group and its consumer, with a slash between; its name likewise.
func (m GroupMember) Ref() Ref {
	ref := Ref{ID: m.GroupID + "/" + m.ConsumerID, Scope: m.EnvironmentID}
	if m.Email != "" {
		ref.Name = m.GroupName + "/" + m.Email
	}
	return ref
}

// IsNamed tells whether a text is the name of the group and the consumer's address, this in whatever spelling, with a slash between.
func (m GroupMember) IsNamed(text string) bool {
	email, ok := strings.CutPrefix(norm.NFC.String(text), norm.NFC.String(m.GroupName)+"/")
	return ok && SameEmail(m.Email, email)
}

func (m GroupMember) complete() bool { return m.EnvironmentID != "" }

// memberships returns the memberships of a consumer.
func (c Consumer) memberships() []GroupMember {
	var all []GroupMember
	for _, g := range c.Groups {
		all = append(all, GroupMember{EnvironmentID: c.EnvironmentID, GroupID: g.ID, ConsumerID: c.ID, GroupName: g.Name, Email: c.Email})
	}
	return all
}

// isIn tells whether a consumer is in a group.
func (c Consumer) isIn(group string) bool {
	return slices.ContainsFunc(c.Groups, func(g ConsumersGroup) bool { return strings.EqualFold(g.ID, group) })
}

// GroupMembers is all memberships. Cortex shows with each consumer which groups it is in, so that one list of consumers answers for
// all memberships of an environment. Others' members of a group are left alone.
type GroupMembers struct {
	client *Client
	made   sync.Map // ids of the memberships that this run made
}

// Collection is "": memberships are at each group.
func (m *GroupMembers) Collection() string { return "" }

// Get returns one membership by its id; scope is the id of the environment, "" when it is not known. One that is not there is an error
// for which IsGone is true.
func (m *GroupMembers) Get(ctx context.Context, scope, id string) (GroupMember, error) {
	return m.of(ctx, scope, id, m.client.Consumers.Get)
}

// GetNow is Get that asks for the consumer, whatever lists this run has read.
func (m *GroupMembers) GetNow(ctx context.Context, scope, id string) (GroupMember, error) {
	return m.of(ctx, scope, id, m.client.Consumers.GetNow)
}

// of finds a membership at its consumer.
func (m *GroupMembers) of(ctx context.Context, scope, id string, get func(ctx context.Context, scope, id string) (Consumer, error)) (GroupMember, error) {
	group, consumer, _ := strings.Cut(id, "/")
	found, err := get(ctx, scope, consumer)
	for _, member := range found.memberships() {
		if strings.EqualFold(member.GroupID, group) {
			return member, nil
		}
	}
	if err == nil || IsGone(err, consumers.noun, consumer) {
		missing := Error{Method: http.MethodGet, URL: m.client.shown(consumers.at(consumers.item, scope, consumer)), Status: http.StatusOK, Text: "the consumer is not in the group"}
		var gone *Error
		if errors.As(err, &gone) {
			missing = *gone
		}
		missing.Class, missing.Missing = NotFound, Missing{Noun: memberNoun, ID: id}
		err = &missing
	}
	return GroupMember{}, err
}

// List returns the memberships of an environment, sorted by the name of the group, then by the consumer's e-mail address. It may be a
// list that this run has read already.
func (m *GroupMembers) List(ctx context.Context, scope string) ([]GroupMember, error) {
	return membersOf(m.client.Consumers.List(ctx, scope))
}

// Fresh is List from a list of consumers that was begun after the call; see Objects.Fresh.
func (m *GroupMembers) Fresh(ctx context.Context, scope string) ([]GroupMember, error) {
	return membersOf(m.client.Consumers.Fresh(ctx, scope))
}

// membersOf returns the memberships of a list of consumers.
func membersOf(all []Consumer, err error) ([]GroupMember, error) {
	var found []GroupMember
	for _, c := range all {
		found = append(found, c.memberships()...)
	}
	SortByName(found)
	return found, err
}

// FreshEach lists several environments; see Objects.FreshEach.
func (m *GroupMembers) FreshEach(ctx context.Context, scopes []string) iter.Seq2[Contained[GroupMember], error] {
	return freshEach(ctx, scopes, consumers.container, m.Fresh)
}

// Create adds a consumer to a group. One that is in it already is refused with *NameTakenError: that is somebody else's membership.
// Adding twice does no harm, so that a request whose answer is lost is repeated after a look.
func (m *GroupMembers) Create(ctx context.Context, want GroupMember) (GroupMember, error) {
	var none GroupMember
	ref := want.Ref()
	release, err := m.client.locks.acquire(ctx, memberNoun+"\x00"+ref.ID)
	if err != nil {
		return none, err
	}
	defer release()

	environment, isNew := m.client.madeHere(want.ConsumerID)
	_, isIn := m.made.Load(ref.ID) // a consumer that this run made is in the groups that this run put it in
	for !isNew {
		mark := m.client.names.mark()
		consumer, err := m.consumer(ctx, want)
		if err != nil {
			return none, err
		}
		environment, isIn = consumer.EnvironmentID, consumer.isIn(want.GroupID)
		if !isIn || !m.client.names.await(ctx, memberNoun, "", ref.ID, []Ref{ref}, mark) {
			break
		}
	}
	want.EnvironmentID, ref.Scope = environment, environment
	if isIn {
		return none, &NameTakenError{Noun: memberNoun, Scope: environment, Holder: []Ref{ref}}
	}
	for n := 0; ; n++ {
		lost := m.send(ctx, http.MethodPost, groupPath(want), map[string]string{"consumer_id": want.ConsumerID})
		if verdict(lost) == refused && lost != nil {
			return none, lost
		}
		var look error
		if lost != nil {
			waitAsAsked(ctx, lost)
			var consumer Consumer
			consumer, look = m.consumer(context.WithoutCancel(ctx), want)
			if look == nil && !consumer.isIn(want.GroupID) && ends(lost) {
				return none, lost
			}
			isIn = consumer.isIn(want.GroupID)
		}
		if lost == nil || isIn {
			m.made.Store(ref.ID, true)
			return want, nil
		}
		if look != nil || n >= m.client.maxRetries || pause(ctx, backoff(minBackoff, maxBackoff, n, nil)) != nil {
			return none, &UnsettledError{Noun: memberNoun, Scope: environment, Name: ref.ID, Cause: lost, Look: look}
		}
	}
}

// Leave notes that a membership begins to end; the function that it returns notes whether it did.
func (m *GroupMembers) Leave(ref Ref) (over func(left bool)) {
	return m.client.names.depart(memberNoun, ref.ID, "")
}

// Changes is false: nothing of a membership can change.
func (m *GroupMembers) Changes(_, _ GroupMember) bool { return false }

// Update returns want: nothing of a membership can change.
func (m *GroupMembers) Update(_ context.Context, _, want GroupMember) (GroupMember, error) {
	return want, nil
}

// Delete takes a consumer out of a group; one that is not in it, or a group that is gone, is no error.
func (m *GroupMembers) Delete(ctx context.Context, ref Ref) error {
	group, consumer, _ := strings.Cut(ref.ID, "/")
	err := m.send(ctx, http.MethodDelete, groupPath(GroupMember{GroupID: group})+"/"+url.PathEscape(consumer), nil)
	if IsGone(err, consumerGroups.noun, group) || IsGone(err, consumers.noun, consumer) {
		return nil
	}
	return err
}

// groupPath is where the members of a group are.
func groupPath(m GroupMember) string {
	return consumerGroups.at(consumerGroups.item, "", m.GroupID) + "/members"
}

// send sends a request that Cortex answers with a word of success.
func (m *GroupMembers) send(ctx context.Context, method, path string, in any) error {
	var answer struct{ Status string }
	err := m.client.do(ctx, method, path, in, &answer)
	if err == nil && answer.Status != "success" {
		err = m.client.unusable(method, path, errors.New("the answer says nothing of a success"))
	}
	return err
}

// consumer asks for a membership's consumer.
func (m *GroupMembers) consumer(ctx context.Context, of GroupMember) (Consumer, error) {
	return m.client.Consumers.exchange(ctx, http.MethodGet, Ref{ID: of.ConsumerID, Scope: of.EnvironmentID}, nil)
}
