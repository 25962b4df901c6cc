package main

import (
	"context"
	"flag"
	"net/http"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	accesscontrolv1 "secrets-engine.test/sdk/gen/accesscontrol/v1"
	"secrets-engine.test/sdk/gen/accesscontrol/v1/accesscontrolv1connect"
	pluginsv1 "secrets-engine.test/sdk/gen/plugins/v1"
)

// judge denies what lies in one folder. It prints what it is asked, a line of JSON each.
type judge struct {
	*pluginProcess
	denied string
	hang   bool
	fail   bool
}

// acmCommand is an access control module until the engine tells it to stop.
func acmCommand(args []string) error {
	flags := flag.NewFlagSet("acm", flag.ExitOnError)
	address := flags.String("address", "", "the engine's socket; none when the engine starts it")
	name := flags.String("name", "go-acm", "its name; the engine says another when it starts it")
	version := flags.String("version", "v1.2.3", "its version")
	deny := flags.String("deny", "denied/**", "what is denied: an ID, or FOLDER/** for all that is below")
	hang := flags.Bool("hang", false, "never answer")
	fail := flags.Bool("fail", false, "answer with an error")
	_ = flags.Parse(args)
	process, err := connectPlugin(*address, *name, *version)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(accesscontrolv1connect.NewAccessControlServiceHandler(judge{process, *deny, *hang, *fail}))
	return process.serve(mux, &pluginsv1.RegisterPluginRequest{Kind: &pluginsv1.RegisterPluginRequest_AccessControlModule{
		AccessControlModule: &pluginsv1.AccessControlModule{}}})
}

// judge decides about patterns; a pattern that could mean something denied is denied.
func (j judge) judge(ctx context.Context, method string, patterns []string, requester *accesscontrolv1.Requester) (
	accesscontrolv1.Decision, error) {
	if err := j.ready(); err != nil {
		return 0, err
	}
	_, linux := requester.GetPlatformInfo().(*accesscontrolv1.Requester_Linux)
	_ = report(map[string]any{"method": method, "patterns": patterns, "pid": requester.GetPid(),
		"name": requester.GetName(), "path": requester.GetAbsoluteBinaryPath(),
		"signedByDocker": requester.GetSignedByDocker(), "linux": linux})
	if j.hang {
		<-ctx.Done()
		return 0, connect.NewError(connect.CodeCanceled, ctx.Err())
	}
	if j.fail {
		return 0, connect.NewError(connect.CodeInternal, context.DeadlineExceeded)
	}
	folder, isFolder := strings.CutSuffix(j.denied, "**")
	for _, pattern := range patterns {
		if pattern == j.denied || isFolder && strings.HasPrefix(pattern, folder) {
			return accesscontrolv1.Decision_DECISION_DENY, nil
		}
	}
	return accesscontrolv1.Decision_DECISION_ALLOW, nil
}

// CheckAccess is asked for every lookup.
func (j judge) CheckAccess(ctx context.Context, request *connect.Request[accesscontrolv1.CheckAccessRequest]) (
	*connect.Response[accesscontrolv1.CheckAccessResponse], error) {
	decision, err := j.judge(ctx, "CheckAccess", []string{request.Msg.GetPattern()}, request.Msg.GetRequester())
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&accesscontrolv1.CheckAccessResponse{Decision: &decision}), nil
}

// Authorize is asked beforehand. What it allows it allows for a minute.
func (j judge) Authorize(ctx context.Context, request *connect.Request[accesscontrolv1.AuthorizeRequest]) (
	*connect.Response[accesscontrolv1.AuthorizeResponse], error) {
	decision, err := j.judge(ctx, "Authorize", request.Msg.GetPatterns(), request.Msg.GetRequester())
	if err != nil {
		return nil, err
	}
	answer := &accesscontrolv1.AuthorizeResponse{Decision: &decision}
	if decision == accesscontrolv1.Decision_DECISION_ALLOW {
		answer.ExpiresAt = timestamppb.New(time.Now().Add(time.Minute))
	}
	return connect.NewResponse(answer), nil
}
