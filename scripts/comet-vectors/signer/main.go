package main

// Prints what an engine asks a remote signer and what CometBFT's own signer answers: requests and answers as hex, in order.

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"crypto/sha256"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/privval"
	privvalproto "github.com/cometbft/cometbft/proto/tendermint/privval"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/cometbft/cometbft/types"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}
func h(s string) []byte { x := sha256.Sum256([]byte(s)); return x[:] }

type step struct {
	Name    string `json:"name"`
	Request string `json:"request"`
	Answer  string `json:"answer"`
	Refused bool   `json:"refused"`
}

func main() {
	genesis := h("signer vector genesis")
	chainID := "ttchain-" + hex.EncodeToString(genesis)[:40]
	seed := h("signer vector key")
	directory, err := os.MkdirTemp("", "signer")
	must(err)
	key := ed25519.GenPrivKeyFromSecret([]byte("signer vector key"))
	signer := privval.NewFilePV(key, filepath.Join(directory, "key"), filepath.Join(directory, "state"))
	signer.Save()
	at := time.UnixMilli(1_700_000_000_123).UTC().Add(456789 * time.Nanosecond)
	block := func(name string) types.BlockID {
		return types.BlockID{Hash: h(name), PartSetHeader: types.PartSetHeader{Total: 3, Hash: h(name + " parts")}}
	}
	address := key.PubKey().Address()
	vote := func(kind cmtproto.SignedMsgType, height int64, round int32, id types.BlockID, time time.Time) privvalproto.Message {
		v := types.Vote{Type: kind, Height: height, Round: round, BlockID: id, Timestamp: time, ValidatorAddress: address, ValidatorIndex: 2}
		return privvalproto.Message{Sum: &privvalproto.Message_SignVoteRequest{SignVoteRequest: &privvalproto.SignVoteRequest{Vote: v.ToProto(), ChainId: chainID}}}
	}
	proposal := func(height int64, round, lock int32, id types.BlockID, time time.Time) privvalproto.Message {
		p := types.NewProposal(height, round, lock, id)
		p.Timestamp = time
		return privvalproto.Message{Sum: &privvalproto.Message_SignProposalRequest{SignProposalRequest: &privvalproto.SignProposalRequest{Proposal: p.ToProto(), ChainId: chainID}}}
	}
	steps := []step{}
	ask := func(name string, message privvalproto.Message) {
		request, err := message.Marshal()
		must(err)
		response, _ := privval.DefaultValidationRequestHandler(signer, message, chainID)
		answer, err := response.Marshal()
		must(err)
		refused := response.GetSignedVoteResponse().GetError() != nil || response.GetSignedProposalResponse().GetError() != nil || response.GetPubKeyResponse().GetError() != nil
		steps = append(steps, step{name, hex.EncodeToString(request), hex.EncodeToString(answer), refused})
	}
	later := at.Add(2 * time.Second).Truncate(time.Second)
	a, b, none := block("a"), block("b"), types.BlockID{}
	ask("ping", privvalproto.Message{Sum: &privvalproto.Message_PingRequest{PingRequest: &privvalproto.PingRequest{}}})
	ask("the key", privvalproto.Message{Sum: &privvalproto.Message_PubKeyRequest{PubKeyRequest: &privvalproto.PubKeyRequest{ChainId: chainID}}})
	ask("the key of another chain", privvalproto.Message{Sum: &privvalproto.Message_PubKeyRequest{PubKeyRequest: &privvalproto.PubKeyRequest{ChainId: "other"}}})
	ask("a proposal", proposal(5, 0, -1, a, at))
	ask("the same proposal later", proposal(5, 0, -1, a, later))
	ask("another proposal", proposal(5, 0, -1, b, at))
	ask("a prevote", vote(1, 5, 0, a, at))
	ask("the same prevote later", vote(1, 5, 0, a, later))
	ask("another prevote", vote(1, 5, 0, b, at))
	ask("a prevote for none at the same place", vote(1, 5, 0, none, at))
	ask("a precommit", vote(2, 5, 0, a, later))
	ask("the same precommit earlier", vote(2, 5, 0, a, at))
	ask("a precommit for none at the same place", vote(2, 5, 0, none, later))
	ask("the prevote again", vote(1, 5, 0, a, at))
	ask("a proposal of a later round with a lock", proposal(5, 3, 1, a, at))
	ask("a prevote for none", vote(1, 5, 3, none, at))
	ask("a precommit for none", vote(2, 5, 3, none, at))
	ask("a vote of a round before", vote(1, 5, 2, b, at))
	ask("a vote of a height before", vote(2, 4, 9, b, at))
	ask("a precommit of a high height", vote(2, 4_000_000_000_000, 2_000_000_000, b, later))
	out, err := json.MarshalIndent(map[string]any{"genesisHash": hex.EncodeToString(genesis), "seed": hex.EncodeToString(seed), "steps": steps}, "", "  ")
	must(err)
	fmt.Println(string(out))
}
