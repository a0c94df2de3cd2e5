package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cometbft/cometbft/types"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}
func h(s string) []byte { x := sha256.Sum256([]byte(s)); return x[:] }

// Arguments: genesis hash, encoded header (hex), second entry (hex), height, time in ms, proposer index.
func main() {
	genesis := os.Args[1]
	entry0, err := hex.DecodeString(os.Args[2])
	must(err)
	entry1, err := hex.DecodeString(os.Args[3])
	must(err)
	var height, ms int64
	fmt.Sscan(os.Args[4], &height)
	fmt.Sscan(os.Args[5], &ms)
	chainID := "ttchain-" + genesis[:40]
	keys := []ed25519.PrivKey{}
	vals := []*types.Validator{}
	byAddr := map[string]ed25519.PrivKey{}
	for i := 0; i < 4; i++ {
		k := ed25519.GenPrivKeyFromSecret([]byte(fmt.Sprintf("comet vector delegate %d", i)))
		keys = append(keys, k)
		vals = append(vals, types.NewValidator(k.PubKey(), 1))
		byAddr[string(k.PubKey().Address())] = k
	}
	set := types.NewValidatorSet(vals)
	txs := types.Txs{entry0, entry1}
	at := time.UnixMilli(ms).UTC().Add(456789 * time.Nanosecond)
	header := types.Header{
		Version: cmtversion.Consensus{Block: 11, App: 1}, ChainID: chainID, Height: height, Time: at,
		LastBlockID:    types.BlockID{Hash: h("last block"), PartSetHeader: types.PartSetHeader{Total: 3, Hash: h("last parts")}},
		LastCommitHash: h("last commit"), DataHash: txs.Hash(), ValidatorsHash: set.Hash(), NextValidatorsHash: set.Hash(),
		ConsensusHash: h("consensus"), AppHash: h("application"), LastResultsHash: h("results"), EvidenceHash: h("evidence"),
		ProposerAddress: keys[0].PubKey().Address(),
	}
	id := types.BlockID{Hash: header.Hash(), PartSetHeader: types.PartSetHeader{Total: 2, Hash: h("parts")}}
	sigs := make([]types.CommitSig, 4)
	messages := map[string]string{}
	for i, v := range set.Validators {
		if i == 3 {
			sigs[i] = types.NewCommitSigAbsent()
			continue
		}
		vote := types.Vote{Type: 2, Height: height, Round: 1, BlockID: id, Timestamp: at.Add(time.Duration(i*1000+7) * time.Millisecond), ValidatorAddress: v.Address, ValidatorIndex: int32(i)}
		if i == 1 {
			vote.Timestamp = vote.Timestamp.Truncate(time.Second)
		}
		bz := types.VoteSignBytes(chainID, vote.ToProto())
		sig, err := byAddr[string(v.Address)].Sign(bz)
		must(err)
		messages[v.Address.String()] = hex.EncodeToString(bz)
		sigs[i] = types.CommitSig{BlockIDFlag: types.BlockIDFlagCommit, ValidatorAddress: v.Address, Timestamp: vote.Timestamp, Signature: sig}
	}
	commit := &types.Commit{Height: height, Round: 1, BlockID: id, Signatures: sigs}
	must(set.VerifyCommitLight(chainID, id, height, commit))
	rpc, err := cmtjson.Marshal(ctypes.NewResultCommit(&header, commit, true))
	must(err)
	var raw any
	must(json.Unmarshal(rpc, &raw))
	pubs := []string{}
	for _, k := range keys {
		pubs = append(pubs, hex.EncodeToString(k.PubKey().Bytes()))
	}
	sort.Strings(nil)
	out, err := json.MarshalIndent(map[string]any{"chainId": chainID, "delegates": pubs, "headerHash": hex.EncodeToString(header.Hash()),
		"dataHash": hex.EncodeToString(txs.Hash()), "voteMessages": messages, "commit": raw}, "", "  ")
	must(err)
	fmt.Println(string(out))
}
