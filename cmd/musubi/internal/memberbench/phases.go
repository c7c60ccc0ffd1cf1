package memberbench

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/musubi-run/musubi/cmd/musubi/internal/bench"
	"github.com/musubi-run/musubi/host/members"
)

// batch is how many facts an import tells at once.
const batch = 2048

// tell imports n facts, in batches.
func (b *bed) tell(ctx context.Context, n int, fact func(i int) []members.Fact) error {
	facts := make([]members.Fact, 0, 2*batch)
	for i := range n {
		facts = append(facts, fact(i)...)
		if len(facts) < batch && i < n-1 {
			continue
		}
		refused, err := b.members.Import(ctx, imported, facts, true)
		if err != nil {
			return err
		}
		for _, why := range refused {
			if why != nil {
				return why
			}
		}
		facts = facts[:0]
		b.progress(i+1, n)
	}
	return nil
}

// told is after how many facts the progress is told.
const told = 100_000

func (b *bed) progress(done, all int) {
	if done/told > b.told/told {
		fmt.Fprintf(b.Progress, "  %d of %d\n", done, all)
	}
	b.told = done
}

func (b *bed) register(ctx context.Context) error {
	began := b.Now()
	err := b.tell(ctx, b.Members, func(i int) []members.Fact {
		return []members.Fact{{Connection: channel, Value: contact(i)}}
	})
	b.report.RegisterPerSecond = rate(b.Members, b.Now().Sub(began))
	return err
}

// importOrders tells of each customer with the customer's first order, as a
// backfill meets them.
func (b *bed) importOrders(ctx context.Context) error {
	began, before := b.Now(), bench.UsageOf(os.Getpid())
	err := b.tell(ctx, b.Orders, func(n int) []members.Fact {
		member := n % b.Members
		var facts []members.Fact
		if n < b.Members {
			facts = append(facts, members.Fact{Connection: cart, Value: customer(member)})
		}
		return append(facts, members.Fact{Connection: cart, Value: order(n, member)})
	})
	b.report.ImportTime = b.Now().Sub(began)
	b.report.OrdersPerSecond = rate(b.Orders, b.report.ImportTime)
	spent := bench.UsageOf(os.Getpid()).CPUSeconds - before.CPUSeconds
	b.report.OrderCPU = time.Duration(spent * float64(time.Second) / float64(b.Orders))
	if err != nil {
		return err
	}
	return b.checkImport(ctx)
}

// checkImport makes sure that everybody was linked and everything was counted.
func (b *bed) checkImport(ctx context.Context) error {
	months, err := b.members.Months(ctx)
	if err != nil {
		return err
	}
	var linked int64
	for _, m := range months {
		linked += m.Linked
	}
	if want := int64(min(b.Members, b.Orders)); linked != want {
		return fmt.Errorf("%d members are linked, want %d", linked, want)
	}
	found, err := b.members.Find(ctx, members.Query{Phone: phone(0)})
	if err != nil {
		return err
	}
	if want := int64((b.Orders + b.Members - 1) / b.Members); len(found) != 1 || found[0].Totals.Orders != want {
		return fmt.Errorf("the first member was not counted with %d orders: %+v", want, found)
	}
	return nil
}

// rest waits until the store has sorted what the import wrote, as it has when
// people look members up on any day but that one.
func (b *bed) rest(ctx context.Context) (err error) {
	began := b.Now()
	b.report.AtRest, err = bench.Rest(ctx, b.Now)
	b.report.Rest = b.Now().Sub(began)
	return err
}

// lookUps is how many members are looked up.
const lookUps = 20_000

func (b *bed) lookUp(ctx context.Context) error {
	took := make([]time.Duration, 0, lookUps)
	for n := range lookUps {
		i := n * 7919 % b.Members // anywhere, and not in order
		began := b.Now()
		found, err := b.members.Find(ctx, members.Query{Phone: phone(i)})
		took = append(took, b.Now().Sub(began))
		if err != nil {
			return err
		}
		if len(found) != 1 {
			return fmt.Errorf("%d members have the number of one", len(found))
		}
	}
	slices.Sort(took)
	b.report.LookUpMedian, b.report.LookUpP99 = took[len(took)/2], took[len(took)*99/100]
	return nil
}

// midnight lets the day begin on which one member in 365 has a birthday.
func (b *bed) midnight(ctx context.Context) error {
	tomorrow := begin.Add(12*time.Hour + time.Second)
	b.clock = tomorrow
	began := b.Now()
	_, err := b.members.Tick(ctx)
	b.report.Midnight = b.Now().Sub(began)
	if err != nil {
		return err
	}
	return b.celebrated(ctx)
}

// celebrated makes sure that everybody who has a birthday has the tag.
func (b *bed) celebrated(ctx context.Context) error {
	today := begin.AddDate(0, 0, 1).Format("01-02")
	for i := range min(b.Members, b.Orders) {
		if string(birthday(i))[5:] != today {
			continue
		}
		found, err := b.members.Find(ctx, members.Query{Phone: phone(i)})
		if err != nil {
			return err
		}
		if len(found) != 1 || !slices.Contains(found[0].Tags, "tag 0") {
			return fmt.Errorf("member %d has a birthday and no tag: %+v", i, found)
		}
		b.report.Birthdays++
	}
	return nil
}
