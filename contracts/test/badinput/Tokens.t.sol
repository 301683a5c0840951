// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IDerivativesEngine} from "../../src/interfaces/IDerivativesEngine.sol";
import {IEngineErrors} from "../../src/interfaces/IEngineErrors.sol";
import {IEngineExtension, Solvency} from "../../src/interfaces/IEngineExtension.sol";
import {BadInputFixture} from "./BadInputFixture.sol";
import {BarringToken, GenerousToken, LyingToken, RefusingToken} from "./BadTokens.sol";

/// @notice A token that does not do what it is asked: never is more credited than was received.
contract TokensTest is BadInputFixture {
    uint256 private constant ASSETS = 100e6;

    function setUp() public override {
        super.setUp();
        usdc.mint(alice, ASSETS);
    }

    // On the way in.

    function test_RevertWhen_TheTokenTakesAFee() public {
        usdc.setTransferFee(10);
        _refusesEveryWayIn(_mismatch(99.9e6));
    }

    function test_RevertWhen_TheTokenRefuses() public {
        _becomes(address(new RefusingToken()).code);
        _refusesEveryWayIn(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, usdc));
    }

    function test_RevertWhen_TheTokenLies() public {
        _becomes(address(new LyingToken()).code);
        _refusesEveryWayIn(_mismatch(0));
    }

    function test_RevertWhen_TheTokenBringsTooMuch() public {
        _becomes(address(new GenerousToken()).code);
        _refusesEveryWayIn(_mismatch(ASSETS + 1));
    }

    function test_RevertWhen_TheWalletHoldsLess() public {
        refuses(
            alice,
            _depositing(ASSETS + 1),
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, ASSETS, ASSETS + 1)
        );
    }

    function test_RevertWhen_TheWalletAllowsLess() public {
        vm.prank(alice);
        usdc.approve(address(engine), ASSETS - 1);
        _refusesEveryWayIn(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, engine, ASSETS - 1, ASSETS)
        );
    }

    function test_TokensSentWithoutACallAreCreditedToNobody() public {
        Solvency memory before = cold.solvency();
        vm.prank(alice);
        usdc.transfer(address(engine), ASSETS);
        before.balance += ASSETS * 1e12;
        vm.assertEq(abi.encode(cold.solvency()), abi.encode(before), "held beyond what is owed");
    }

    // On the way out.

    function test_RevertWhen_TheTokenRefusesToPay() public {
        _becomes(address(new RefusingToken()).code);
        refuses(alice, _withdrawing(alice), abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, usdc));
    }

    function test_RevertWhen_TheRecipientIsBarred() public {
        _becomes(address(new BarringToken()).code);
        refuses(alice, _withdrawing(bob), abi.encodeWithSelector(BarringToken.Barred.selector, bob));
    }

    function test_RevertWhen_TheRecipientIsNobody() public {
        refuses(
            alice,
            _withdrawing(address(0)),
            abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0))
        );
    }

    function test_RevertWhen_TheRecipientIsTheExchange() public {
        bytes memory refusal = abi.encodeWithSelector(IEngineErrors.RecipientRefused.selector, address(engine));
        refuses(alice, _withdrawing(address(engine)), refusal);
    }

    function test_AFeeOnTheWayOutIsTheRecipientsAndNobodyElses() public {
        usdc.setTransferFee(10);
        Books memory expected = books();
        vm.prank(alice);
        cold.withdraw(account(alice), ASSETS, alice, noUpdate);
        expected.purses[0].tokens += 99.9e6;
        expected.purses[0].account.margin -= uint96(ASSETS * 1e12);
        expected.solvency.balance -= ASSETS * 1e12;
        expected.solvency.custody -= ASSETS * 1e12;
        expected.solvency.margin -= ASSETS * 1e12;
        assertSame(expected, books());
    }

    // Fixtures.

    function _refusesEveryWayIn(bytes memory reason) private {
        refuses(alice, _depositing(ASSETS), reason);
        refuses(alice, abi.encodeCall(IEngineExtension.fundInsurance, (ASSETS)), reason);
        refuses(admin, abi.encodeCall(IEngineExtension.receiveLiquidity, (alice, ASSETS)), reason);
    }

    function _becomes(bytes memory code) private {
        vm.etch(address(usdc), code);
    }

    function _depositing(uint256 assets) private view returns (bytes memory) {
        return abi.encodeCall(IDerivativesEngine.deposit, (account(alice), assets));
    }

    function _withdrawing(address to) private view returns (bytes memory) {
        return abi.encodeCall(IEngineExtension.withdraw, (account(alice), ASSETS, to, noUpdate));
    }

    function _mismatch(uint256 received) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IEngineErrors.TransferMismatch.selector, received, ASSETS);
    }
}
